#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the packages in a copy of a Debian, uses them, installs them again, removes them: nothing may be left.
# usage: check_packages.sh FOLDER ROOT      FOLDER has the packages; ROOT is a Debian 12 with libdeflate0, such as
# debootstrap makes, and stays as it is
set -euo pipefail

[ $# = 2 ] || { echo "usage: $0 FOLDER ROOT" >&2; exit 2; }
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cp -a --reflink=auto "$2/." "$root"
cp "$1"/*.deb "$root/root/"

# What runs in there.
cat >"$root/root/check.sh" <<'EOF'
set -euo pipefail
cd /root
files() {
    find / -xdev \( -path /proc -o -path /sys -o -path /tmp -o -path /root -o -path /var/cache -o -path /var/log \
        -o -path /var/lib/dpkg -o -path /var/lib/apt \) -prune -o -print | sort
}
files >before
dpkg -i evx_*.deb libevx0_*.deb >log
dpkg -i --force-depends libevx-dev_*.deb >>log 2>&1 # the libraries' own -dev packages may not be there
evx --version
evx gen --profile mixed --size 64K --seed 1 >mixed.evtx
[ "$(evtx_dump -o jsonl mixed.evtx | wc -l)" -gt 50 ]
bash -c '. /usr/share/bash-completion/completions/evx; complete -p evx'
for page in evx evtx_dump; do
    gzip -t "/usr/share/man/man1/$page.1.gz"
    ! command -v man >/dev/null || [ "$(MANPAGER=cat man "$page" 2>/dev/null | wc -l)" -gt 50 ]
done
ldconfig -p | grep -q libevx.so.0
dpkg -i evx_*.deb libevx0_*.deb >>log # over the same ones
dpkg --purge libevx-dev evx libevx0 >>log 2>&1
files >after
diff before after
EOF
chroot "$root" bash /root/check.sh
echo "the packages install, work, and leave nothing"
