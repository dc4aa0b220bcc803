/** A message from another member, as the CLI and the runner show it to the model. */
export interface SeenMail {
  readonly from: string;
  readonly text: string;
}

const MAIL = /<teammate-message teammate_id="([^"]+)"[^>]*>\n([\s\S]*?)\n<\/teammate-message>/g;

/** Kinds of mail that the protocol of native teams sends by itself. */
const PROTOCOL = new Set([
  'idle_notification',
  'task_assignment',
  'shutdown_request',
  'shutdown_approved',
  'shutdown_rejected',
  'plan_approval_request',
  'plan_approval_response',
]);

/** What members wrote to one another, in order; notices of the protocol are left out. */
export function seenMail(told: string): readonly SeenMail[] {
  return [...told.matchAll(MAIL)]
    .map(([, from = '', text = '']) => ({ from, text }))
    .filter(({ text }) => !isProtocol(text));
}

function isProtocol(text: string): boolean {
  if (!text.startsWith('{')) return false;
  try {
    const { type } = JSON.parse(text) as { readonly type?: unknown };
    return typeof type === 'string' && PROTOCOL.has(type);
  } catch {
    return false;
  }
}

const REPORT = /<report from="([^"]+)"[^>]*>\n([\s\S]*?)\n<\/report>/g;

/** What a member reported at its end, as the runner tells those who waited for it. */
export function seenReport(told: string, from: string): string | undefined {
  return [...told.matchAll(REPORT)].findLast(([, name]) => name === from)?.[2];
}
