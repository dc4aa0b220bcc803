export { Retryable, retryAfter, withBackoff } from './backoff.ts';
export { type Channel, channelOf, deliver, deliverOnce, type Senders } from './deliver.ts';
export { endNotification } from './end.ts';
export { gateNotification } from './gate.ts';
export type { Notification } from './notification.ts';
export { proxiedFetch } from './proxied-fetch.ts';
export { type Proxies, ProxySettingError, readProxies } from './proxies.ts';
export { type AllowPrivate, readAllowPrivate } from './route.ts';
export { waitNotification } from './wait.ts';
