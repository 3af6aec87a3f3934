# SPDX-License-Identifier: GPL-2.0-or-later
# The virtual machine: an initramfs of busybox, the modules, the test programs and the cases, and QEMU around it. Sourced.
guest_modules=(virtio_pci virtio_blk ext4 overlay)

# Linked statically: the guest has no libraries.
build_program() {
  g++ -std=c++20 -O2 -Wall -Wextra -Werror -static -I "$repository/kmod/include/uapi" -o "$cache/programs/$1" \
    "${@:2}" || fail "$1 does not build"
}

build_programs() {
  local stamp
  stamp="$cache/programs/stamp.$(hash_of "$tests/programs" "$tests/leakwatch" "$repository/kmod/include")"
  [ -e "$stamp" ] && return
  rm -rf "$cache/programs"
  mkdir -p "$cache/programs"
  build_program kmodtest "$tests"/programs/*.cc
  build_program leakwatch "$tests"/leakwatch/*.cc "$tests"/programs/{storm,die}.cc
  touch "$stamp"
}

make_disk() {
  [ -e "$cache/ext4.img" ] && return
  truncate -s 96M "$cache/ext4.new"
  mkfs.ext4 -q "$cache/ext4.new"
  mv "$cache/ext4.new" "$cache/ext4.img"
}

# kernel_modules RELEASE STAGE: uncompressed, with the order they load in.
kernel_modules() {
  local file name
  mkdir -p "$2/modules"
  for name in "${guest_modules[@]}"; do
    chroot "$(chroot_of "$1")" modprobe -S "$(kernel_of "$1")" --show-depends "$name" || fail "$1 has no module $name"
  done | awk -v root="$(chroot_of "$1")" '$1 == "insmod" && !seen[$2]++ { print root $2 }' | while read -r file; do
    name=$(basename "$file")
    case $name in
      *.xz) xz -dc "$file" >"$2/modules/${name%.xz}" ;;
      *.zst) zstd -qdc "$file" >"$2/modules/${name%.zst}" ;;
      *) cp "$file" "$2/modules/" ;;
    esac
    name=${name%.xz}
    echo "${name%.zst}" >>"$2/modules/order"
  done
}

# make_initramfs RELEASE FILE EXTRA-TREE
make_initramfs() {
  local stage
  stage=$(mktemp -d "$cache/stage.XXXXXX")
  # It becomes the guest's root, which scan processes see as another user.
  chmod 755 "$stage"
  mkdir -p "$stage"/{bin,proc,sys,dev,tmp,run,mnt}
  cp "$(command -v busybox)" "$stage/bin/busybox"
  cp "$cache/programs"/{kmodtest,leakwatch} "$stage/bin/"
  cp "$(module_of "$1" ward)" "$stage/ward.ko"
  cp "$(module_of "$1" leak)" "$stage/ward-leak.ko"
  cp -r "$tests/guest" "$tests/cases" "$stage/"
  cp "$tests/guest/init" "$stage/init"
  kernel_modules "$1" "$stage"
  cp -r "$3"/. "$stage/"
  (cd "$stage" && find . -print0 | cpio --null --quiet -o -H newc -R 0:0) | gzip -1 >"$2"
  rm -rf "$stage"
}

# boot RELEASE INITRAMFS CONSOLE SECONDS ARGUMENTS: 0 when the guest ended by itself. On a busy host an emulated timer comes
# too late for the kernel's look at whether it comes at all, which ends in a panic: it need not look.
boot() {
  local kernel
  kernel="$(chroot_of "$1")/boot/vmlinuz-$(kernel_of "$1")"
  timeout --foreground "$4" qemu-system-x86_64 -accel "${WARD_KMOD_ACCEL:-tcg}" -cpu max -m 1024 -smp 2 \
    -nographic -no-reboot -nic none -kernel "$kernel" -initrd "$2" \
    -drive "file=$cache/ext4.img,format=raw,if=virtio,snapshot=on" \
    -append "console=ttyS0 loglevel=5 no_timer_check panic=-1 oops=panic panic_on_warn=1 softlockup_panic=1 hung_task_panic=1 $5" \
    </dev/null >"$3" 2>&1
}
