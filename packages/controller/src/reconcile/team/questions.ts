import {
  ANNOTATIONS,
  CLI_FIELD_MANAGER,
  FIGURES,
  isOpenQuestion,
  LEAD,
  PORTS,
  parseRecordedAnswer,
  type Question,
} from '@agentteam/contract';
import { askToRecord, FiguresError, openAnswer } from '@agentteam/figures';
import type { CachedWorkflow } from '../../argo/cached-workflow.ts';
import type { CachedTeam } from '../cached-resource.ts';
import type { KnownFigures } from '../live-figures.ts';
import type { TeamContext } from './context.ts';
import { provenFor } from './figures.ts';

/** A pod that has just ended does not refuse connections, so a request to its address would hang. */
const REPLY_WITHIN_MS = 2_000;
const REPLY_BYTES = 65_536;
/** When to try again if the lead's gateway does not reply. */
const AGAIN_MS = 2_000;

/** An answer as a gateway records it: see `writeAnswer` in packages/volume. */
export interface PassedAnswer {
  readonly id: string;
  readonly text: string;
  readonly by: string;
  readonly via: 'agentteam' | 'annotation';
}

/** The answer in a team's annotations to a question. @returns undefined while there is none. */
export function answerToQuestion(
  { metadata, answerManagers }: Pick<CachedTeam, 'metadata' | 'answerManagers'>,
  { id }: Pick<Question, 'id'>,
): PassedAnswer | undefined {
  const { annotations = {} } = metadata;
  const isOfCli = answerManagers?.[id] === CLI_FIELD_MANAGER;
  const via = isOfCli ? 'agentteam' : 'annotation';
  // The first answer counts; the annotation itself may have been changed since.
  const recorded = parseRecordedAnswer(annotations[`${ANNOTATIONS.answeredPrefix}${id}`]);
  if (recorded !== undefined) return { id, text: recorded.text, by: recorded.user, via };
  const text = annotations[`${ANNOTATIONS.answerPrefix}${id}`];
  if (text === undefined || text.trim() === '') return undefined;
  const named = annotations[`${ANNOTATIONS.byPrefix}${id}`];
  return { id, text, by: (isOfCli ? named : undefined) ?? 'annotation', via };
}

/**
 * Passes the answers in a team's annotations to the lead's gateway, which writes them where agents cannot. A
 * gateway keeps the first answer, so passing one again changes nothing.
 * @returns after how many ms to try again; undefined if all were passed.
 */
export async function passAnswers(
  key: string,
  team: CachedTeam,
  workflow: CachedWorkflow,
  { figures }: KnownFigures,
  context: Pick<TeamContext, 'api' | 'keys' | 'live' | 'log'>,
): Promise<number | undefined> {
  const lead = team.status?.lead;
  if (lead?.podName === undefined || lead.phase !== 'Running') return undefined;
  const answers = (figures?.questions ?? [])
    .filter(isOpenQuestion)
    .flatMap((question) => answerToQuestion(team, question) ?? []);
  for (const answer of answers) {
    try {
      await passAnswer(lead.podName, answer, team, workflow, context);
      context.log.info({ question: answer.id, by: answer.by }, 'answer passed on');
    } catch (error) {
      context.log.warn({ question: answer.id, error: String(error) }, 'answer not passed on yet');
      return AGAIN_MS;
    }
  }
  if (answers.length > 0) context.live.pollSoon(key);
  return undefined;
}

async function passAnswer(
  podName: string,
  answer: PassedAnswer,
  team: CachedTeam,
  workflow: CachedWorkflow,
  { api, keys }: Pick<TeamContext, 'api' | 'keys'>,
): Promise<void> {
  const run = provenFor(team, workflow);
  const secret = await keys.keyOf(run.namespace);
  const { nonce, headers } = askToRecord(secret, run, LEAD, JSON.stringify(answer));
  const reply = await api.askPod({
    namespace: run.namespace,
    name: podName,
    port: team.spec.observability?.metrics?.port ?? PORTS.status,
    path: FIGURES.answerPath,
    headers,
    withinMs: REPLY_WITHIN_MS,
    maxBytes: REPLY_BYTES,
  });
  try {
    openAnswer(secret, run, LEAD, nonce, reply);
  } catch (error) {
    if (error instanceof FiguresError) keys.invalidate(run.namespace);
    throw error;
  }
}
