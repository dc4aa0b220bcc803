import { QUESTION_LIMITS, type Question, toQuestion } from '../people/questions.ts';
import { toTeamPause } from '../people/team-pause.ts';
import type { CredentialCost, Notice, StopMarker, TeamLive } from '../state.ts';
import { LEAD } from '../values/agent-name.ts';
import { isRecord, plainText } from '../values/untrusted.ts';
import { agentOf, TASKS, TOKENS } from './agent-figures.ts';
import {
  count,
  counts,
  InvalidFigures,
  NAME,
  optionalText,
  optionalTime,
  record,
  text,
  USD,
} from './figures-fields.ts';

/** Names for the proof of a gateway's and the last step's figures: see packages/figures. */
export const FIGURES = {
  /** The Secret that the controller creates in each namespace with teams, and its only key. */
  secret: 'agentteam-figures',
  secretKey: 'key',
  /** Directory below `PATHS.credentials` where the Secret is mounted. */
  directory: 'figures',
  /** Headers of a request for `/status`. */
  nonceHeader: 'agentteam-nonce',
  proofHeader: 'agentteam-proof',
  /** Path at which a gateway records a person's answer, and the header that contains it. */
  answerPath: 'answer',
  answerHeader: 'agentteam-answer',
  /** Size of the longest answer that is read. */
  maxBytes: 1_048_576,
} as const;

/** The largest number of agents in a snapshot: the lead and 64 teammates. */
export const MOST_AGENTS: number = 65;
const MOST_NOTICES = 64;
const MOST_CREDENTIALS = 16;
/** The largest number of tasks without an owner that a snapshot lists. */
export const MOST_UNOWNED_TASKS: number = 16;
const LONGEST_MESSAGE = 1024;

export type ReadFigures =
  | { readonly figures: TeamLive }
  /** What is wrong, as the rest of a sentence. It quotes nothing from the input. */
  | { readonly problem: string };

/**
 * Reads figures from an untrusted source: a pod, or a Workflow that someone may have patched. Checks every
 * field, shortens texts and removes their control characters, and drops unknown fields.
 * @param teammates names of the team's teammates; other agents are dropped. Absent: all agents are kept.
 */
export function readFigures(value: unknown, teammates?: readonly string[]): ReadFigures {
  try {
    return { figures: teamOf(value, teammates && new Set(teammates)) };
  } catch (error) {
    if (error instanceof InvalidFigures) return { problem: error.message };
    throw error;
  }
}

/** Reads figures from JSON text, as {@link readFigures} does. */
export function parseFigures(text: string, teammates?: readonly string[]): ReadFigures {
  try {
    return readFigures(JSON.parse(text), teammates);
  } catch {
    return { problem: 'they are not JSON' };
  }
}

function teamOf(value: unknown, teammates: ReadonlySet<string> | undefined): TeamLive {
  const team = record(value, 'the answer');
  const listed: unknown = team['agents'];
  if (!Array.isArray(listed) || listed.length > MOST_AGENTS) {
    throw new InvalidFigures(`agents is not a list of at most ${MOST_AGENTS}`);
  }
  const agents = listed
    .filter((agent) => isOfTeam(agent, teammates))
    .map((agent: unknown, index) => agentOf(agent, `agents[${index}]`));
  if (new Set(agents.map(({ name }) => name)).size < agents.length) {
    throw new InvalidFigures('an agent is listed twice');
  }
  const stop = team['stop'];
  const paused = toTeamPause(team['paused']);
  if (team['paused'] !== undefined && paused === undefined) {
    throw new InvalidFigures('paused is not a pause');
  }
  const questions = team['questions'];
  const notices = team['notices'];
  const credentials = team['credentials'];
  const estimated = team['estimatedReplies'];
  const unowned = team['unownedTasks'];
  return {
    team: text(team, 'team', 'team', NAME),
    at: optionalTime(team, 'at', '') ?? '',
    usd: text(team, 'usd', 'usd', USD),
    ...(team['limit'] !== undefined && { limit: text(team, 'limit', 'limit', USD) }),
    tokens: counts(team['tokens'], 'tokens', TOKENS),
    tasks: counts(team['tasks'], 'tasks', TASKS),
    ...(unowned !== undefined && { unownedTasks: unownedOf(unowned) }),
    agents,
    ...(credentials !== undefined && { credentials: credentialsOf(credentials) }),
    ...(stop !== undefined && { stop: stopOf(stop) }),
    ...(questions !== undefined && { questions: questionsOf(questions, teammates) }),
    ...(paused !== undefined && { paused }),
    ...(notices !== undefined && { notices: noticesOf(notices) }),
    ...(estimated !== undefined && { estimatedReplies: count(estimated, 'estimatedReplies') }),
  };
}

function questionsOf(
  value: unknown,
  teammates: ReadonlySet<string> | undefined,
): readonly Question[] {
  if (!Array.isArray(value) || value.length > QUESTION_LIMITS.inFigures) {
    throw new InvalidFigures(`questions is not a list of at most ${QUESTION_LIMITS.inFigures}`);
  }
  return value.flatMap((one: unknown, index) => {
    const question = toQuestion(one);
    if (question === undefined) throw new InvalidFigures(`questions[${index}] is not a question`);
    const { agent } = question;
    const isKnown = agent === LEAD || teammates === undefined || teammates.has(agent);
    return isKnown ? [question] : [];
  });
}

function unownedOf(value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.length > MOST_UNOWNED_TASKS) {
    throw new InvalidFigures(`unownedTasks is not a list of at most ${MOST_UNOWNED_TASKS}`);
  }
  return value.map((task: unknown, index) => {
    if (typeof task === 'string') return plainText(task, LONGEST_MESSAGE);
    throw new InvalidFigures(`unownedTasks[${index}] is not text`);
  });
}

function credentialsOf(value: unknown): readonly CredentialCost[] {
  if (!Array.isArray(value) || value.length > MOST_CREDENTIALS) {
    throw new InvalidFigures(`credentials is not a list of at most ${MOST_CREDENTIALS}`);
  }
  return value.map((one: unknown, index) => {
    const path = `credentials[${index}]`;
    const credential = record(one, path);
    const name = text(credential, 'name', `${path}.name`, NAME);
    return { name, usd: text(credential, 'usd', `${path}.usd`, USD) };
  });
}

function noticesOf(value: unknown): readonly Notice[] {
  if (!Array.isArray(value) || value.length > MOST_NOTICES) {
    throw new InvalidFigures(`notices is not a list of at most ${MOST_NOTICES}`);
  }
  return value.map((one: unknown, index) => {
    const path = `notices[${index}]`;
    const notice = record(one, path);
    const agent = notice['agent'];
    return {
      place: optionalText(notice, 'place', path, LONGEST_MESSAGE) ?? '',
      ...(notice['kind'] === 'repair' && { kind: 'repair' as const }),
      ...(agent !== undefined && { agent: text(notice, 'agent', `${path}.agent`, NAME) }),
      message: optionalText(notice, 'message', path, LONGEST_MESSAGE) ?? '',
    };
  });
}

/** Agents can add members to the roster that are not in the team's spec. */
function isOfTeam(agent: unknown, teammates: ReadonlySet<string> | undefined): boolean {
  if (teammates === undefined || !isRecord(agent)) return true;
  const { name } = agent;
  return name === LEAD || typeof name !== 'string' || teammates.has(name);
}

function stopOf(value: unknown): StopMarker {
  const stop = record(value, 'stop');
  if (stop['reason'] !== 'budget') throw new InvalidFigures('stop.reason is not "budget"');
  return {
    reason: 'budget',
    agent: text(stop, 'agent', 'stop.agent', NAME),
    message: optionalText(stop, 'message', 'stop', LONGEST_MESSAGE) ?? '',
    at: optionalTime(stop, 'at', 'stop') ?? '',
    ...(stop['limit'] !== undefined && { limit: text(stop, 'limit', 'stop.limit', USD) }),
  };
}
