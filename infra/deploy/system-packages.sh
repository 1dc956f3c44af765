#!/bin/sh
# Installs what `make test-system` needs, on Debian as root; elsewhere says what is missing.
set -eu

# package: what of it is looked for
PACKAGES="libengine-gost-openssl chromium softhsm2 poppler-utils qpdf libreoffice-calc-nogui"

missing=""
for package in $PACKAGES; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing$missing"
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update >/dev/null
  # shellcheck disable=SC2086  # a list of names
  apt-get -qq install -y --no-install-recommends $missing >/dev/null
else
  echo "missing system packages:$missing (on Debian: apt-get install$missing)" >&2
  exit 1
fi
