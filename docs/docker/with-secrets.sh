#!/bin/sh
# Runs a program whose secrets are in files: NAME__FILE=/run/secrets/name becomes NAME with the content of that file.
set -eu
for name in $(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)__FILE=.*/\1/p'); do
  eval "file=\$${name}__FILE"
  if [ ! -r "$file" ]; then
    echo "Error: ${name}__FILE names \"$file\", expected a file that can be read" >&2
    exit 78
  fi
  value=$(cat "$file")
  export "$name=$value"
  unset "${name}__FILE"
done
exec "$@"
