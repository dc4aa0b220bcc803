/** A message from another agent of the team, as the model sees it. */
export interface SeenMail {
  readonly from: string;
  readonly text: string;
}

const MAIL = /<teammate-message teammate_id="([^"]+)"[^>]*>\n([\s\S]*?)\n<\/teammate-message>/g;

/** Types of the messages that Claude Code itself sends between the agents of a team. */
const PROTOCOL = new Set([
  'idle_notification',
  'task_assignment',
  'shutdown_request',
  'shutdown_approved',
  'shutdown_rejected',
  'plan_approval_request',
  'plan_approval_response',
]);

/** Messages that agents wrote, in order, without those of the protocol. */
export function seenMail(userText: string): readonly SeenMail[] {
  return [...userText.matchAll(MAIL)]
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

/** An agent's report, as the runner passes it on to agents that depend on it and to the lead. */
export function seenReport(userText: string, from: string): string | undefined {
  return [...userText.matchAll(REPORT)].findLast(([, name]) => name === from)?.[2];
}
