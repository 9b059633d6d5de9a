# SkillOS: `skillos serve` by default, `skillos worker` and every other command by its name. See docs/production.md.
FROM node:22-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
# No package needs its install script.
RUN npm ci --ignore-scripts
COPY . .
RUN node build.mjs && npm prune --omit=dev --ignore-scripts

FROM node:22-bookworm-slim
# bubblewrap runs code of packages in a sandbox; Debian's newest is wanted at each build.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install --yes --no-install-recommends bubblewrap ca-certificates \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /src/package.json ./
COPY --from=build /src/node_modules ./node_modules
COPY --from=build /src/dist ./dist
COPY --chmod=755 docs/docker/with-secrets.sh /usr/local/bin/with-secrets
RUN ln -s /app/dist/skillos.mjs /usr/local/bin/skillos
# The root file system may be read-only: state is in /skills or in Postgres, everything else in /tmp.
ENV NODE_ENV=production \
  SKILLOS_ENV=production \
  SKILLOS_ROOT=/skills \
  SKILLOS_API_HOST=0.0.0.0 \
  HOME=/tmp \
  XDG_CACHE_HOME=/tmp/cache \
  HEALTH_URL=http://127.0.0.1:8000/health/ready
USER 1000:1000
VOLUME ["/skills"]
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(process.env.HEALTH_URL).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["with-secrets", "skillos"]
CMD ["serve"]
