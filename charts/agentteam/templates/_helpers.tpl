{{- define "agentteam.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "agentteam.controller" -}}
{{ include "agentteam.name" . }}-controller
{{- end }}

{{- define "agentteam.webhook" -}}
{{ include "agentteam.name" . }}-webhook
{{- end }}

{{- define "agentteam.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "agentteam.controller" .) }}
{{- end }}

{{- define "agentteam.selector" -}}
app.kubernetes.io/name: agentteam
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: controller
{{- end }}

{{- define "agentteam.labels" -}}
{{ include "agentteam.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "agentteam.image" -}}
{{ .Values.image.repository }}{{ with .Values.image.digest }}@{{ . }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{/* The controller's own image, or the team image. Its tag defaults to that of the team image. */}}
{{- define "agentteam.controllerImage" -}}
{{- $own := .Values.controller.image }}
{{- if $own.repository }}{{ $own.repository }}{{ with $own.digest }}@{{ . }}{{ else }}:{{ $own.tag | default .Values.image.tag | default .Chart.AppVersion }}{{ end }}{{ else }}{{ include "agentteam.image" . }}{{ end }}
{{- end }}

{{- define "agentteam.webhookSecret" -}}
{{- if eq .Values.webhook.certificate.source "secret" }}{{ .Values.webhook.certificate.secretName }}{{ else }}{{ include "agentteam.webhook" . }}{{ end }}
{{- end }}

{{/* Limits the admission webhooks to the watched namespaces. */}}
{{- define "agentteam.namespaceSelector" -}}
{{- with .Values.watch.namespaces }}
namespaceSelector:
  matchExpressions:
    - key: kubernetes.io/metadata.name
      operator: In
      values: {{ toJson . }}
{{- end }}
{{- end }}

{{- define "agentteam.webhookRules" -}}
rules:
  - apiGroups: [claude.amcheste.io]
    apiVersions: [v1alpha1]
    resources: [agentteams, agentteamtemplates, agentteamruns]
    operations: [CREATE, UPDATE]
    scope: Namespaced
failurePolicy: {{ .Values.webhook.failurePolicy }}
timeoutSeconds: {{ .Values.webhook.timeoutSeconds }}
matchPolicy: Equivalent
sideEffects: None
admissionReviewVersions: [v1]
{{- end }}

{{- define "agentteam.ui" -}}
{{ include "agentteam.name" . }}-ui
{{- end }}

{{- define "agentteam.uiSelector" -}}
app.kubernetes.io/name: agentteam
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: ui
{{- end }}

{{- define "agentteam.uiLabels" -}}
{{ include "agentteam.uiSelector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* The names under which browsers reach the page. */}}
{{- define "agentteam.uiHosts" -}}
{{- $hosts := .Values.ui.allowedHosts }}
{{- if .Values.ui.ingress.enabled }}{{ $hosts = append $hosts .Values.ui.ingress.host }}{{ end }}
{{- if .Values.ui.httpRoute.enabled }}{{ $hosts = append $hosts .Values.ui.httpRoute.hostname }}{{ end }}
{{- join "," ($hosts | uniq) }}
{{- end }}
