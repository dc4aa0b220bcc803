{{/* Written by npm run settings from packages/controller/src/settings. Do not edit. */}}
{{- define "agentteam.environment" -}}
- { name: AGENTTEAM_IMAGE_PULL_POLICY, value: {{ .Values.image.pullPolicy | quote }} }
- { name: AGENTTEAM_RUNTIME_INJECTION, value: {{ .Values.teams.runtimeInjection | quote }} }
{{- with .Values.image.pullSecrets }}
- { name: AGENTTEAM_IMAGE_PULL_SECRETS, value: {{ join "," . | quote }} }
{{- end }}
{{- with .Values.teams.nodeSelector }}
- { name: AGENTTEAM_NODE_SELECTOR, value: {{ toJson . | quote }} }
{{- end }}
{{- with .Values.teams.tolerations }}
- { name: AGENTTEAM_TOLERATIONS, value: {{ toJson . | quote }} }
{{- end }}
{{- with .Values.teams.affinity }}
- { name: AGENTTEAM_AFFINITY, value: {{ toJson . | quote }} }
{{- end }}
{{- with .Values.teams.priorityClassName }}
- { name: AGENTTEAM_PRIORITY_CLASS, value: {{ . | quote }} }
{{- end }}
{{- with .Values.teams.runtimeClassName }}
- { name: AGENTTEAM_RUNTIME_CLASS, value: {{ . | quote }} }
{{- end }}
{{- with .Values.teams.allowedImages }}
- { name: AGENTTEAM_ALLOWED_IMAGES, value: {{ join "," . | quote }} }
{{- end }}
{{- with .Values.teams.allowedRuntimeClasses }}
- { name: AGENTTEAM_ALLOWED_RUNTIME_CLASSES, value: {{ join "," . | quote }} }
{{- end }}
{{- with .Values.teams.allowedVolumeTypes }}
- { name: AGENTTEAM_ALLOWED_VOLUME_TYPES, value: {{ join "," . | quote }} }
{{- end }}
{{- with .Values.teams.allowedServiceAccounts }}
- { name: AGENTTEAM_ALLOWED_SERVICE_ACCOUNTS, value: {{ join "," . | quote }} }
{{- end }}
{{- with .Values.teams.allowedCredentialUrls }}
- { name: AGENTTEAM_ALLOWED_CREDENTIAL_URLS, value: {{ join "," . | quote }} }
{{- end }}
{{- with .Values.teams.podLabels }}
- { name: AGENTTEAM_POD_LABELS, value: {{ toJson . | quote }} }
{{- end }}
{{- with .Values.teams.podAnnotations }}
- { name: AGENTTEAM_POD_ANNOTATIONS, value: {{ toJson . | quote }} }
{{- end }}
{{- with .Values.teams.agentResources }}
- { name: AGENTTEAM_AGENT_RESOURCES, value: {{ toJson . | quote }} }
{{- end }}
{{- with .Values.teams.stepResources }}
- { name: AGENTTEAM_STEP_RESOURCES, value: {{ toJson . | quote }} }
{{- end }}
- { name: AGENTTEAM_EXECUTOR_SERVICE_ACCOUNT, value: {{ .Values.teams.executorServiceAccount | quote }} }
{{- with .Values.teams.storageClass }}
- { name: AGENTTEAM_STORAGE_CLASS, value: {{ . | quote }} }
{{- end }}
{{- with .Values.teams.volumeSize }}
- { name: AGENTTEAM_VOLUME_SIZE, value: {{ . | quote }} }
{{- end }}
{{- with .Values.teams.pricesConfigMap }}
- { name: AGENTTEAM_PRICES_CONFIGMAP, value: {{ . | quote }} }
{{- end }}
{{- with .Values.teams.apiFeatures }}
- { name: AGENTTEAM_API_FEATURES, value: {{ join "," . | quote }} }
{{- end }}
{{- with .Values.trust.configMap }}
- { name: AGENTTEAM_TRUST_CONFIGMAP, value: {{ . | quote }} }
{{- end }}
{{- with .Values.teams.apiUrl }}
- { name: AGENTTEAM_API_URL, value: {{ . | quote }} }
{{- end }}
{{- with .Values.teams.allowedApiUrls }}
- { name: AGENTTEAM_ALLOWED_API_URLS, value: {{ join "," . | quote }} }
{{- end }}
{{- with .Values.teams.tokenUrl }}
- { name: AGENTTEAM_TOKEN_URL, value: {{ . | quote }} }
{{- end }}
{{- with .Values.teams.hostingUrl }}
- { name: AGENTTEAM_HOSTING_URL, value: {{ . | quote }} }
{{- end }}
{{- with .Values.watch.namespaces }}
- { name: AGENTTEAM_NAMESPACES, value: {{ join "," . | quote }} }
{{- end }}
- { name: AGENTTEAM_CONCURRENCY, value: {{ .Values.controller.concurrency | quote }} }
- { name: AGENTTEAM_LIVE_POLL_SECONDS, value: {{ .Values.controller.livePollSeconds | quote }} }
- { name: AGENTTEAM_METRICS_TEAMS, value: {{ .Values.controller.metricsTeams | quote }} }
- { name: AGENTTEAM_LOG_LEVEL, value: {{ .Values.controller.logLevel | quote }} }
{{- with .Values.argo.serverUrl }}
- { name: AGENTTEAM_ARGO_SERVER_URL, value: {{ . | quote }} }
{{- end }}
{{- if .Values.argo.serverCaConfigMap }}
- { name: AGENTTEAM_ARGO_SERVER_CA_FILE, value: /etc/agentteam/argo/ca.crt }
{{- end }}
{{- if .Values.notifications.secretName }}
- { name: AGENTTEAM_WEBHOOK_SECRET_FILE, value: /etc/agentteam/notifications/secret }
{{- end }}
{{- if .Values.notifications.mail.secretName }}
- { name: AGENTTEAM_SMTP_URL_FILE, value: /etc/agentteam/mail/url }
{{- end }}
{{- if .Values.notifications.mail.secretName }}
- { name: AGENTTEAM_SMTP_FROM, value: {{ .Values.notifications.mail.from | quote }} }
{{- end }}
- { name: AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS, value: {{ .Values.notifications.allowPrivate | quote }} }
- { name: AGENTTEAM_WEBHOOK, value: {{ .Values.webhook.enabled | quote }} }
{{- with .Values.proxy.https }}
- { name: HTTPS_PROXY, value: {{ . | quote }} }
{{- end }}
{{- with .Values.proxy.http }}
- { name: HTTP_PROXY, value: {{ . | quote }} }
{{- end }}
{{- if or .Values.proxy.https .Values.proxy.http }}
- { name: NO_PROXY, value: {{ join "," .Values.proxy.exceptions | quote }} }
{{- end }}
{{- if .Values.trust.configMap }}
- { name: NODE_EXTRA_CA_CERTS, value: /etc/agentteam/trust/ca.crt }
{{- end }}
{{- end }}
