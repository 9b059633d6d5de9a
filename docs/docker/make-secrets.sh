#!/bin/sh
# Makes the secrets of compose.yaml in the folder ./secrets. A file that exists is kept.
set -eu
mkdir -p -m 700 secrets
make() {
  [ -e "secrets/$1" ] || { printf '%s' "$2" >"secrets/$1" && chmod 444 "secrets/$1"; }
}
random() { openssl rand -hex 32; }
for name in postgres_password temporal_db_password skillos_db_password redis_password \
  server_key payload_key jwt_secret approval_token webhook_secret; do
  make "$name" "$(random)"
done
make postgres_dsn "postgres://skillos:$(cat secrets/skillos_db_password)@postgres:5432/skillos?sslmode=disable"
make redis_url "redis://:$(cat secrets/redis_password)@redis:6379/0"
