# SPDX-License-Identifier: GPL-2.0-or-later
# A Debian release with its kernel, the kernel's headers and a compiler of that release. Sourced.

# The archive this machine's own apt uses.
mirror() {
  apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' 'Created-By: Packages' |
    awk '$1 == "Debian" && $2 == "Debian" { print $3; exit }'
}

kernel_of() { basename "$(ls -d "$(chroot_of "$1")"/lib/modules/* | sort -V | tail -1)"; }
chroot_of() { echo "$cache/chroots/$1"; }

# An old mirror may serve a testing release past its date; signatures are checked all the same, and nothing made here leaves
# a virtual machine.
make_chroot() {
  local release=$1 root where
  root=$(chroot_of "$release")
  [ -e "$root/.complete" ] && return
  where=$(mirror)
  [ -n "$where" ] || fail "apt knows no Debian archive to take $release from"
  rm -rf "$root"
  mkdir -p "$cache/chroots"
  echo "kmod: making a chroot of $release"
  INITRD=No mmdebstrap --variant=essential --include=linux-image-amd64,linux-headers-amd64,make \
    --aptopt='APT::Install-Recommends "0"' --aptopt='Acquire::Check-Valid-Until "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --format=directory \
    "$release" "$root" "$where" >"$root.log" 2>&1 || {
    tail -20 "$root.log" >&2
    fail "no chroot of $release"
  }
  touch "$root/.complete"
}

# in_chroot RELEASE COMMAND...: with /proc, which objtool asks for its limits.
in_chroot() {
  local root
  root=$(chroot_of "$1")
  unshare --mount sh -c 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"' "$root" "${@:2}"
}
