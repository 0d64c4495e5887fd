#!/bin/sh
# Installs what deploy/packages.txt lists and this machine lacks. Quick when nothing is missing.
set -eu

list=$(dirname "$0")/packages.txt
wanted=$(sed 's/#.*//' "$list")

missing=
for package in $wanted; do
	status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
	[ "$status" = installed ] || missing="$missing $package"
done
# The API reference comes from npm. Debian's npm only where there is none: it does not go together with others' nodejs.
command -v npm >/dev/null || missing="$missing npm"
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "These packages are missing and need root or sudo to install:$missing" >&2
		exit 1
	fi
	as_root=sudo
fi

# Installing postgresql must not start a cluster of its own: Ithaca runs a private one.
if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
	$as_root mkdir -p /etc/postgresql-common
	echo 'create_main_cluster = false' | $as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
fi

echo "Installing:$missing"
$as_root apt-get update -qq
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
