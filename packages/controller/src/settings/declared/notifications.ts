import type { AllowPrivate } from '@agentteam/notify';
import type { SettingsTable } from '../setting.ts';
import { choice, NAME, TEXT } from '../types.ts';

/** How people learn of gates and ends. */
export interface NotificationSettings {
  readonly webhookSecretFile?: string;
  readonly smtpUrlFile?: string;
  readonly smtpFrom?: string;
  readonly allowPrivateWebhooks: AllowPrivate;
}

export const NOTIFICATION_SETTINGS: SettingsTable<NotificationSettings> = {
  webhookSecretFile: {
    variable: 'AGENTTEAM_WEBHOOK_SECRET_FILE',
    type: TEXT,
    summary: 'file with the key that signs webhook calls of gates',
    whenUnset: 'calls are not signed',
    chart: {
      path: 'notifications.secretName',
      summary:
        "Secret in the controller's namespace with the key `secret`, which signs webhook calls of gates",
      schema: NAME.schema,
      constant: '/etc/agentteam/notifications/secret',
    },
  },
  smtpUrlFile: {
    variable: 'AGENTTEAM_SMTP_URL_FILE',
    type: TEXT,
    summary: 'file with the mail server, as smtp[s]://[user:password@]host[:port]',
    whenUnset: 'no mail is sent',
    chart: {
      path: 'notifications.mail.secretName',
      summary: "Secret in the controller's namespace with the key `url`: the mail server",
      details: 'Example: smtps://user:password@mail.example.com.',
      schema: NAME.schema,
      constant: '/etc/agentteam/mail/url',
    },
  },
  smtpFrom: {
    variable: 'AGENTTEAM_SMTP_FROM',
    type: TEXT,
    summary: 'sender of mail',
    chart: {
      path: 'notifications.mail.from',
      schema: { type: 'string', pattern: '^(.+@.+)?$' },
      onlyWith: ['notifications.mail.secretName'],
    },
  },
  allowPrivateWebhooks: {
    variable: 'AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS',
    type: choice<AllowPrivate>([true, false, 'proxied']),
    default: false,
    summary:
      'whether webhooks may have private addresses, such as those of Services in the cluster',
    details: 'With `proxied` the proxy resolves names and decides.',
    chart: { path: 'notifications.allowPrivate' },
  },
};
