{{- define "talaria.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "talaria.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "talaria.labels" -}}
{{ include "talaria.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "talaria.serviceAccount" -}}
{{- default (include "talaria.fullname" .) .Values.serviceAccount.existing -}}
{{- end -}}

{{/* "many" when there is, or may be, more than one node. */}}
{{- define "talaria.nodes" -}}
{{- if or .Values.autoscaling.enabled (gt (int .Values.replicas) 1) -}}many{{- else -}}one{{- end -}}
{{- end -}}

{{/* Refuses what would not work before anything is installed. */}}
{{- define "talaria.check" -}}
{{- $secret := .Values.secret -}}
{{- if and (or $secret.databaseUrlKey $secret.natsUrlKey) (not $secret.existingSecret) -}}
{{- fail "secret.existingSecret must name the Secret that holds databaseUrlKey and natsUrlKey" -}}
{{- end -}}
{{- if and $secret.natsUrlKey (not $secret.databaseUrlKey) -}}
{{- fail "secret.natsUrlKey needs secret.databaseUrlKey: nodes of a cluster share one database" -}}
{{- end -}}
{{- if eq (include "talaria.nodes" .) "many" -}}
{{- if not (and $secret.existingSecret $secret.secretKey $secret.databaseUrlKey $secret.natsUrlKey) -}}
{{- fail "more than one node needs secret.existingSecret with secretKey, databaseUrlKey and natsUrlKey" -}}
{{- end -}}
{{- end -}}
{{- if and (not $secret.databaseUrlKey) (not .Values.persistence.enabled) -}}
{{- fail "without secret.databaseUrlKey the log is on the volume: persistence.enabled must be true" -}}
{{- end -}}
{{- end -}}

{{/* A variable from the Secret. */}}
{{- define "talaria.secretVariable" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef: { name: {{ .secret | quote }}, key: {{ .key | quote }} }
{{- end -}}
