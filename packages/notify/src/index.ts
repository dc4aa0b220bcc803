export { type Backoff, Retryable, retryAfter, withBackoff } from './backoff.ts';
export { type GateNotice, gateNotification } from './gate.ts';
export { HEADERS, type Notification, notificationId, sign } from './notification.ts';
export { PrivateTargetError } from './public-address.ts';
export { postNotification, sendNotification, type Webhook } from './send.ts';
