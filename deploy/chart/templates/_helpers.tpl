{{/* The names and labels of a component: (list . "site"). */}}
{{- define "efp.name" -}}{{ (index . 0).Release.Name | trunc 40 | trimSuffix "-" }}-{{ index . 1 }}{{- end }}

{{- define "efp.selector" -}}
app.kubernetes.io/name: efp-connect
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "efp.labels" -}}
{{ include "efp.selector" . }}
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
{{- end }}

{{/* What Kratos is told beyond the environment: the chart's names, and the operator's overlay over them. */}}
{{- define "efp.overlay" -}}
{{- $kratos := printf "http://%s:4433/" (include "efp.name" (list . "kratos")) -}}
{{- $admin := printf "http://%s:4434/" (include "efp.name" (list . "kratos-admin")) -}}
{{- $relay := printf "smtp://%s:%v/?disable_starttls=true" (required "relay.host: the relay that queues" .Values.relay.host) .Values.relay.port -}}
{{- $ours := dict
  "values" (dict
    "hook_url" (printf "http://%s:4456/hooks/password-permit" (include "efp.name" (list . "site-internal")))
    "mount_dir" "/etc/config/kratos"
    "smtp_uri" $relay)
  "serve" (dict
    "public" (dict "base_url" $kratos "host" "127.0.0.1")
    "admin" (dict "base_url" $admin "host" "127.0.0.1")) -}}
{{ toYaml (mergeOverwrite $ours (deepCopy .Values.overlay)) }}
{{- end }}

{{- define "efp.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10000
  runAsGroup: 10000
  fsGroup: 10000
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "efp.container" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{- define "efp.siteImage" -}}{{ required "images.site: the image of this repository's Dockerfile" .Values.images.site }}{{- end }}

{{/* Two replicas of a component on two machines, where there are two. */}}
{{- define "efp.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector: {matchLabels: {{ include "efp.selector" . | fromYaml | toJson }}}
{{- end }}

{{/* Restarts a pod when what it reads has changed. */}}
{{- define "efp.checksum" -}}
checksum/config: {{ include (print .Template.BasePath "/config.yaml") . | sha256sum }}
{{- end }}

{{/* kratos.yml, identity schema and mails, made anew in each pod from settings, overlay and secrets. */}}
{{- define "efp.render" -}}
- name: render
  image: {{ include "efp.siteImage" . }}
  command: [/bin/kratos-config]
  args: [render, --environment, {{ .Values.environment }}, --overlay, /etc/efp/overlay.yml, --config, /etc/efp/settings.yml, --out, /etc/config/kratos]
  env:
    - {name: EFP_HOOK_KEY_FILE, value: /run/efp/hook_key}
    - {name: EFP_KRATOS_DSN_FILE, value: /run/efp/dsn}
    - {name: EFP_KRATOS_COOKIE_SECRETS_FILE, value: /run/efp/cookie}
    - {name: EFP_KRATOS_CIPHER_SECRETS_FILE, value: /run/efp/cipher}
  volumeMounts:
    - {name: config, mountPath: /etc/efp, readOnly: true}
    - {name: secrets, mountPath: /run/efp, readOnly: true}
    - {name: rendered, mountPath: /etc/config/kratos}
  resources: {{- toYaml .Values.resources.job | nindent 4 }}
  {{- include "efp.container" . | nindent 2 }}
{{- end }}

{{- define "efp.kratosVolumes" -}}
- {name: config, configMap: {name: {{ include "efp.name" (list . "config") }}}}
- {name: secrets, secret: {secretName: {{ .Values.secrets.kratos }}}}
- {name: rendered, emptyDir: {medium: Memory, sizeLimit: 8Mi}}
- {name: tmp, emptyDir: {sizeLimit: 64Mi}}
{{- end }}

{{/* A container of Kratos: (dict "root" . "name" … "args" (list …) "resources" …). No variable named after a key of Kratos. */}}
{{- define "efp.kratos" -}}
name: {{ .name }}
image: {{ .root.Values.images.kratos }}
args: {{ toJson .args }}
env:
  - {name: SQA_OPT_OUT, value: "true"}
volumeMounts:
  - {name: rendered, mountPath: /etc/config/kratos, readOnly: true}
  - {name: config, mountPath: /etc/efp, readOnly: true}
  - {name: tmp, mountPath: /tmp}
resources: {{- toYaml .resources | nindent 2 }}
{{ include "efp.container" .root }}
{{- end }}
