# One image with our three programs; docker-compose.yml says which runs. Static, without a shell, not root, read-only.
FROM node:22-bookworm-slim AS assets
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY scripts/assets.mjs scripts/
RUN mkdir -p selfservice-ui/page/static && node scripts/assets.mjs

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=assets /src/selfservice-ui/page/static/vendor selfservice-ui/page/static/vendor
COPY --from=assets /src/internal/password/french/ internal/password/french/
# docker build --build-arg VERSION=1.2.0: what --version and efp_build_info say. Git's own information is not in the image's sources.
ARG VERSION=
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X efpconnect.example/internal/buildinfo.stamp=$VERSION" -o /out/bin/ ./cmd/selfservice-ui ./cmd/import-accounts ./cmd/kratos-config
# A named volume takes its owner from the folder it is first mounted on: these are the user's below.
RUN mkdir -p /out/etc/config/kratos /out/secrets/postgres /out/secrets/redis /out/secrets/kratos /out/secrets/site /out/cache /out/import /out/pages

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build --chown=10000:10000 /out/ /
USER 10000:10000
ENTRYPOINT ["/bin/selfservice-ui"]
