import type { Notification } from '../../src/notification.ts';

/** A notification for tests that do not depend on its content. */
export const NOTIFICATION: Notification = {
  schema: 'agentteam/notification',
  version: 1,
  id: 'an-id',
  event: 'completed',
  at: '2026-11-23T10:00:00Z',
  team: 'auth',
  namespace: 'dev',
  message: 'dev/auth completed',
  data: { text: 'ü' },
};
