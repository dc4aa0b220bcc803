import {
  ANNOTATIONS,
  CLI_FIELD_MANAGER,
  FIGURES,
  isOpenQuestion,
  parseRecordedAnswer,
  type Question,
} from '@agentteam/contract';
import { askToRecord } from '@agentteam/figures';
import type { CachedWorkflow } from '../../argo/cached-workflow.ts';
import type { CachedTeam } from '../cached-resource.ts';
import type { KnownFigures } from '../live-figures.ts';
import { askGateways, type GatewayRequest } from './ask-gateways.ts';
import type { TeamContext } from './context.ts';

/** When to try again if no gateway replies. */
const AGAIN_MS = 2_000;

/** An answer as a gateway records it: see `writeAnswer` in packages/volume. */
export interface PassedAnswer {
  readonly id: string;
  readonly text: string;
  readonly by: string;
  readonly via: 'agentteam' | 'annotation';
}

/** The answer in a team's annotations to a question. @returns undefined while there is none. */
function answerToQuestion(
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
 * Passes the answers in a team's annotations to a gateway, which writes them where agents cannot. A gateway keeps
 * the first answer, so passing one again changes nothing.
 * @returns after how many ms to try again; undefined if all were passed.
 */
export async function passAnswers(
  key: string,
  team: CachedTeam,
  workflow: CachedWorkflow,
  { figures }: KnownFigures,
  context: Pick<TeamContext, 'api' | 'keys' | 'live' | 'log'>,
): Promise<number | undefined> {
  const answers = (figures?.questions ?? [])
    .filter(isOpenQuestion)
    .flatMap((question) => answerToQuestion(team, question) ?? []);
  for (const answer of answers) {
    const request: GatewayRequest = {
      path: FIGURES.answerPath,
      ask: (secret, of, agent) => askToRecord(secret, of, agent, JSON.stringify(answer)),
    };
    const reply = await askGateways(team, workflow, request, context);
    if (reply === undefined) return AGAIN_MS;
    context.log.info({ question: answer.id, by: answer.by }, 'answer passed on');
  }
  if (answers.length > 0) context.live.pollSoon(key);
  return undefined;
}
