export { type Backoff, Retryable, retryAfter, withBackoff } from './backoff.ts';
export { type Channel, deliver, type Senders } from './deliver.ts';
export { type GateNotice, gateNotification } from './gate.ts';
export { HEADERS, type Notification, notificationId, sign } from './notification.ts';
export { PrivateTargetError } from './public-address.ts';
export { sendNotification, type Webhook } from './send.ts';
export type { MailServer } from './send-mail.ts';
