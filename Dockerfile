# The image of every container of a team, of the controller, and of the CLI in a pipeline.
#
#   docker build -t agentteam .                    all of it: runner, claude, CLI, controller
#   docker build -t agentteam-controller --target controller .
#
# BASE is any Debian; nothing but its packages and npm's are fetched. With SOURCE_DATE_EPOCH (and, of
# buildah, --timestamp; of docker, --output type=image,rewrite-timestamp=true) the same sources and the
# same Debian packages give the same image.
ARG BASE=docker.io/library/debian:bookworm-slim
ARG SOURCE_DATE_EPOCH

FROM ${BASE} AS build
ARG SOURCE_DATE_EPOCH
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates git git-lfs nodejs npm
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
COPY packages packages
RUN npm ci --loglevel=error
COPY crds crds
COPY scripts scripts
# Built with the pinned Node, not the distribution's, whose npm does not link it. The runtime, which is put into
# other images, has Node, claude, git and bash with their libraries; our own image uses the same files.
RUN ln -s /src/node_modules/node-linux-*/bin/node /usr/local/bin/node \
 && npm run build \
 && mkdir -p /out/bin /out/lib/agentteam /out/controller \
 && cp -rL dist /out/lib/agentteam/ \
 && cp -rL crds /out/lib/agentteam/ \
 && cp /usr/local/bin/node /out/controller/node \
 && for program in runner controller agentteam; do \
      name=$program; [ "$program" = agentteam ] || name=agentteam-$program; \
      [ -e "dist/$program.mjs" ] || continue; \
      printf '#!/bin/sh\nexec /usr/local/bin/node /usr/local/lib/agentteam/dist/%s.mjs "$@"\n' "$program" > "/out/bin/$name"; \
      chmod 755 "/out/bin/$name"; \
    done \
 && node scripts/make-runtime.mjs /out/runtime --node /usr/local/bin/node --dist dist \
      --claude node_modules/@anthropic-ai/claude-code-linux-*/claude

FROM ${BASE} AS base
ARG SOURCE_DATE_EPOCH
# One user for everything; its number is the one that compiled Workflows name.
RUN groupadd --gid 1000 agent \
 && useradd --uid 1000 --gid 1000 --home-dir /home/agent --create-home agent \
 && rm -rf /var/log/*
USER 1000:1000

FROM base AS controller
COPY --from=build /out/bin/ /out/controller/ /usr/local/bin/
COPY --from=build /out/lib/ /usr/local/lib/
LABEL org.opencontainers.image.title="agentteam controller" \
      org.opencontainers.image.licenses="Apache-2.0"
ENTRYPOINT ["agentteam-controller"]

FROM base AS agentteam
ARG SOURCE_DATE_EPOCH
USER 0
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates git git-lfs openssh-client \
 && rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/apt/* /var/cache/ldconfig/aux-cache \
 && ln -s /opt/agentteam/bin/node /opt/agentteam/bin/claude /usr/local/bin/
USER 1000:1000
COPY --from=build /out/bin/ /usr/local/bin/
COPY --from=build /out/lib/ /usr/local/lib/
COPY --from=build /out/runtime/ /opt/agentteam/
LABEL org.opencontainers.image.title="agentteam" \
      org.opencontainers.image.licenses="Apache-2.0"
CMD ["agentteam", "--help"]
