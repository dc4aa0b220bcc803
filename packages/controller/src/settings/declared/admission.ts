import type { SettingsTable } from '../setting.ts';
import { count, FLAG, TEXT } from '../types.ts';

/** The admission webhooks. */
export interface AdmissionSettings {
  readonly webhook: boolean;
  readonly webhookPort: number;
  readonly webhookCertificates: string;
}

export const ADMISSION_SETTINGS: SettingsTable<AdmissionSettings> = {
  webhook: {
    variable: 'AGENTTEAM_WEBHOOK',
    type: FLAG,
    default: false,
    summary: 'whether to serve the admission webhooks at /validate and /mutate',
    chart: {
      path: 'webhook.enabled',
      default: true,
      summary: 'whether to install the admission webhooks',
      details:
        'They check teams, templates and runs when they are written, and record who answers a gate.',
    },
  },
  webhookPort: {
    variable: 'AGENTTEAM_WEBHOOK_PORT',
    type: count(1),
    default: 9443,
    summary: 'port of the admission webhooks',
  },
  webhookCertificates: {
    variable: 'AGENTTEAM_WEBHOOK_CERTIFICATES',
    type: TEXT,
    default: '/etc/agentteam/webhook',
    summary: 'directory with tls.crt and tls.key, which is read again when it changes',
  },
};
