# SPDX-License-Identifier: GPL-2.0-or-later
# ward.ko for one release, as it is shipped and with the historic mistake. Sourced.

module_of() { echo "$cache/modules/$1-$2.ko"; }

build_variant() {
  local release=$1 variant=$2 root stamp log options=()
  root=$(chroot_of "$release")
  stamp=$(hash_of "$repository"/kmod/{Kbuild,Makefile,*.c,*.h,include,probe} "$tests/lib/module.sh")
  stamp="$(module_of "$release" "$variant").$stamp-$(kernel_of "$release")"
  [ -e "$stamp" ] && return
  [ "$variant" = leak ] && options=(WARD_TEST_HISTORIC_LEAK=y)
  rm -rf "$root/build-$variant" "$(module_of "$release" "$variant")".*
  mkdir -p "$cache/modules" "$root/build-$variant"
  (cd "$repository/kmod" && cp -r Kbuild Makefile *.c *.h include probe "$root/build-$variant/")
  log="$cache/modules/$release-$variant.log"
  in_chroot "$release" make -j2 -C "/build-$variant" "KERNEL=/lib/modules/$(kernel_of "$release")/build" KCFLAGS=-Werror \
    "${options[@]}" >"$log" 2>&1 || {
    tail -30 "$log" >&2
    fail "the module does not build for $release"
  }
  # DWARF would only fill the guest's memory.
  objcopy --strip-debug "$root/build-$variant/ward.ko" "$(module_of "$release" "$variant")"
  touch "$stamp"
}

build_modules() {
  build_variant "$1" ward
  build_variant "$1" leak
}
