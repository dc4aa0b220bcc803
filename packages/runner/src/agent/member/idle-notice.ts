import { type AgentSpec, LEAD } from '@agentteam/contract';
import { cutText } from '@agentteam/text';
import { formatProtocolMail, LIMITS, sendMail } from '@agentteam/volume';
import type { AgentDirectories } from '../directories.ts';
import { ignoreBlockedFile } from '../team-files.ts';

/** Leaves room for escaped characters: a mail is cut at its limit, and a notice that is cut is not JSON. */
const MAX_RESULT = LIMITS.mailCharacters / 4;

export interface IdleNotice {
  readonly idleReason: 'available' | 'failed';
  readonly result?: string;
  readonly failureReason?: string;
  /** Whether the notice does not wake the lead: the lead reads it with the next mail that does. */
  readonly quiet?: boolean;
}

/** Tells the lead that an agent is idle or has ended, as Claude Code does for members of its own process. */
export async function sendIdleNotice(
  { spec, directories }: { readonly spec: AgentSpec; readonly directories: AgentDirectories },
  { quiet = false, ...notice }: IdleNotice,
): Promise<void> {
  const text = formatProtocolMail({
    type: 'idle_notification',
    from: spec.name,
    timestamp: new Date().toISOString(),
    ...notice,
    ...(quiet && { quiet }),
    ...(notice.result !== undefined && { result: cutText(notice.result, MAX_RESULT) }),
  });
  await sendMail(directories.native, LEAD, { from: spec.name, text }).catch(ignoreBlockedFile);
}
