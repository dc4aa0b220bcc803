export { type Backoff, Retryable, retryAfter, withBackoff } from './backoff.ts';
export {
  type Channel,
  channelOf,
  deliver,
  deliverOnce,
  type GateChannel,
  type Senders,
} from './deliver.ts';
export { endNotification, type TeamEnd } from './end.ts';
export { gateNotification, type OpenGate } from './gate.ts';
export { HEADERS, type Notification, notificationId, sign } from './notification.ts';
export { proxiedFetch } from './proxied-fetch.ts';
export { type Proxies, ProxySettingError, readProxies } from './proxies.ts';
export { PrivateTargetError } from './public-address.ts';
export { type AllowPrivate, readAllowPrivate } from './route.ts';
export type { MailServer } from './send-mail.ts';
export { type ProviderWait, waitNotification } from './wait.ts';
