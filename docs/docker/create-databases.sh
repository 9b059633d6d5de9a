#!/bin/sh
# Run once by the Postgres image, on an empty volume: a user and databases for Temporal and for SkillOS.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --set temporal="$(cat /run/secrets/temporal_db_password)" \
  --set skillos="$(cat /run/secrets/skillos_db_password)" <<'SQL'
CREATE ROLE temporal LOGIN PASSWORD :'temporal';
CREATE ROLE skillos LOGIN PASSWORD :'skillos';
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
CREATE DATABASE skillos OWNER skillos;
SQL
