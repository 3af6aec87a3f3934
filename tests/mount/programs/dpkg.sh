# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A package: built, unpacked, installed into a root of its own, upgraded, verified, removed.
export SOURCE_DATE_EPOCH=1700000000

package() {  # VERSION
  mkdir -p "source/DEBIAN" source/usr/bin source/etc
  material source/usr/share/sample
  echo "version $1" > source/usr/share/sample/version
  cp /bin/true source/usr/bin/sample && chmod 4755 source/usr/bin/sample
  ln -sf sample source/usr/bin/alias
  ln -f source/usr/bin/sample source/usr/bin/twin
  echo "setting = $1" > source/etc/sample.conf
  echo /etc/sample.conf > source/DEBIAN/conffiles
  cat > source/DEBIAN/control <<TEXT
Package: sample
Version: $1
Architecture: all
Maintainer: A <a@example.org>
Description: a sample
TEXT
  [ "$1" = 1.0 ] || { rm -r source/usr/share/sample/part3; echo new > source/usr/share/sample/new; }
  (cd source && find . -type f -not -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum > DEBIAN/md5sums)
  find source -exec touch -h -d @1700000000 {} +
  dpkg-deb --root-owner-group --build source "sample-$1.deb"
  say "built $1: $(sha256sum < "sample-$1.deb")"
}

package 1.0
cp sample-1.0.deb "$OUTSIDE"
package 2.0
dpkg-deb --info sample-1.0.deb >&3
dpkg-deb --contents sample-1.0.deb | sha256sum >&3
dpkg-deb -x "$OUTSIDE/sample-1.0.deb" unpacked
tree unpacked
dpkg-deb -R sample-2.0.deb raw
metadata unpacked/usr/share/sample

mkdir -p system/var/lib/dpkg/{info,updates,triggers}
touch system/var/lib/dpkg/{status,available}
to_system() { dpkg --root="$PWD/system" --log="$PWD/system/var/log" --force-unsafe-io "$@"; }
to_system --install sample-1.0.deb
say "verified: $(to_system --verify sample)"
tree system/usr
echo changed > system/etc/sample.conf
echo broken > system/usr/share/sample/part1/file1.txt
say "verified: $(to_system --verify sample || true)"
dpkg --root="$PWD/system" --log="$PWD/system/var/log" --force-confold --install sample-2.0.deb
tree system/usr
tree system/etc
to_system --remove sample
(cd system && find . -path ./var -prune -o -print | sort >&3)
to_system --purge sample
find system -path system/var -prune -o -type f -print | sort >&3
grep -c . system/var/log >&3
