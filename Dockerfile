# The server and the worker of batches, on a GPU that the host gives to the container. docs/scale.md says how to run it.
# Two stages: the first builds both packages, the second installs what a user would install.

FROM node:22-bookworm-slim AS build
WORKDIR /build
COPY . .
RUN npm ci --no-audit --no-fund \
  && npm run build \
  && node scripts/build-server.mjs \
  && mkdir /packed \
  && npm pack --ignore-scripts --pack-destination /packed \
  && npm pack --ignore-scripts --pack-destination /packed --workspace packages/server

FROM node:22-bookworm-slim
# libvulkan1 finds the driver of the GPU, which the container runtime mounts. ffmpeg reads what the engine has no decoder for.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends ffmpeg libvulkan1 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /packed /packed
# webgpu is Dawn: the version that the tests run on.
RUN npm init -y > /dev/null \
  && npm install --omit=dev --no-audit --no-fund /packed/*.tgz webgpu@0.6.2
ENV NODE_ENV=production \
  NVIDIA_DRIVER_CAPABILITIES=compute,graphics,utility
# Jobs of the server, where a volume may lie. The user is `node` of the image.
RUN mkdir /jobs && chown 1000:1000 /jobs
USER 1000
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/app/node_modules/.bin/unispeech-server"]
# Outside of its container the server can be reached only with a key: set UNISPEECH_API_KEY.
CMD ["--host", "0.0.0.0", "--port", "8080", "--model", "/models/model"]
