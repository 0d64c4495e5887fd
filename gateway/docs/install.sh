#!/bin/sh
# Puts the API reference's page into the folder named: ours, and Redoc's script from npm, of one known version.
set -eu

folder=$1
version=2.5.4
sha512=674d1a00370f190be71614d812213f9b152a5dee7f8eca26532d249a80123c2b79241200d48935b69164d55eec5f52d9639606675121a59c8b5348a351aa2862

here=$(dirname "$0")
script=$folder/redoc.standalone.js
mkdir -p "$folder"
if [ "$(sha512sum "$script" 2>/dev/null | cut -d ' ' -f 1)" = "$sha512" ]; then
	cp "$here/index.html" "$here/docs.css" "$folder/"
	exit 0
fi

fetched=$(mktemp -d)
trap 'rm -rf "$fetched"' EXIT
(cd "$fetched" && npm pack --silent "redoc@$version" >/dev/null && tar xzf "redoc-$version.tgz")
got=$(sha512sum "$fetched/package/bundles/redoc.standalone.js" | cut -d ' ' -f 1)
if [ "$got" != "$sha512" ]; then
	echo "redoc $version from npm is not what it was: its script has another checksum" >&2
	exit 1
fi
cp "$fetched/package/bundles/redoc.standalone.js" "$here/index.html" "$here/docs.css" "$folder/"
