import { isRecord } from '../values/untrusted.ts';

/** The field manager of the CLI's writes: the API server records it with each field. */
export const CLI_FIELD_MANAGER = 'agentteam';

/** Labels of Workflows and of their pods. */
export const LABELS = {
  team: 'claude.amcheste.io/team',
  /** On Workflows with a restricted gate; the value is {@link RESTRICTED_GATES}. */
  gates: 'claude.amcheste.io/gates',
} as const;

/** Value of the label {@link LABELS.gates}. */
export const RESTRICTED_GATES = 'restricted';

/**
 * Annotations of a team: `approved.claude.amcheste.io/<event>` is a person's answer to a gate (`true` or `false`),
 * `reason.…/<event>` is the reason, and `by.…/<event>` is the name that the CLI gives. Only the admission webhook
 * writes `votes.…/<event>` (who has answered, and which spec they saw) and `claude.amcheste.io/author` (who
 * created the team). `answer.…/<id>` is a person's answer to a question of an agent, and `answered.…/<id>`, which
 * only the webhook writes, says who gave it ({@link RecordedAnswer}). `claude.amcheste.io/template` names the
 * template that the team was created from.
 *
 * `tell.…/<agent>` is a person's message to an agent, and `tell-all` one to all agents. The admission webhook, or
 * without it the controller, moves them into `messages` (`OrderedMessage[]` as JSON), from which the controller
 * delivers them. `paused` (`true`) pauses the team, and `paused-by` (a `TeamPause` as JSON) says who and when.
 *
 * Annotations of a Workflow: `paused-by` is there while the controller suspends it; `generation` is the team's
 * generation that it was compiled from, and `spec` is the digest of that generation's spec.
 */
export const ANNOTATIONS = {
  approvedPrefix: 'approved.claude.amcheste.io/',
  reasonPrefix: 'reason.claude.amcheste.io/',
  byPrefix: 'by.claude.amcheste.io/',
  votesPrefix: 'votes.claude.amcheste.io/',
  answerPrefix: 'answer.claude.amcheste.io/',
  answeredPrefix: 'answered.claude.amcheste.io/',
  author: 'claude.amcheste.io/author',
  editors: 'claude.amcheste.io/editors',
  template: 'claude.amcheste.io/template',
  tellPrefix: 'tell.claude.amcheste.io/',
  tellAll: 'claude.amcheste.io/tell-all',
  messages: 'claude.amcheste.io/messages',
  paused: 'claude.amcheste.io/paused',
  pausedBy: 'claude.amcheste.io/paused-by',
  generation: 'claude.amcheste.io/generation',
  spec: 'claude.amcheste.io/spec',
  /** On a Workflow that continued with a changed spec: the digests of its earlier specs, oldest first. */
  earlierSpecs: 'claude.amcheste.io/earlier-specs',
  /** On a Workflow that has ended: {@link ChangedSteps} as JSON. */
  changedSteps: 'claude.amcheste.io/changed-steps',
  /** On a claim: proves that the controller created it for the team that owns it. */
  claimProof: 'claude.amcheste.io/claim-proof',
} as const;

/** The steps that the next retry repeats because the team's spec changed after the Workflow had ended. */
export interface ChangedSteps {
  /**
   * Start time of the Workflow that ended. A retry restarts the Workflow, so a later start time means that
   * these steps were repeated.
   */
  readonly startedAt: string;
  readonly steps: readonly string[];
}

/** No team has as many steps. */
const MAX_CHANGED_STEPS = 128;
const MAX_NAME_LENGTH = 253;

/**
 * Reads the annotation {@link ANNOTATIONS.changedSteps}, which users who may patch Workflows can also write.
 * @param startedAt start time of the Workflow.
 * @returns names of steps; none if the annotation is malformed or belongs to an earlier start.
 */
export function parseChangedSteps(
  text: string | undefined,
  startedAt: string | undefined,
): readonly string[] {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    if (!isRecord(value) || value['startedAt'] !== startedAt) return [];
    const { steps } = value;
    return Array.isArray(steps) ? steps.filter(isStepName).slice(0, MAX_CHANGED_STEPS) : [];
  } catch {
    return [];
  }
}

function isStepName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_NAME_LENGTH;
}

/** The first answer to a question, as the admission webhook recorded it. */
export interface RecordedAnswer {
  readonly user: string;
  readonly text: string;
  /** ISO 8601. */
  readonly at: string;
}

/** @returns undefined for a text that is not a {@link RecordedAnswer}: without the webhook anybody can write it. */
export function parseRecordedAnswer(json: string | undefined): RecordedAnswer | undefined {
  try {
    const value: unknown = JSON.parse(json ?? 'null');
    if (!isRecord(value)) return undefined;
    const { user, text, at } = value;
    return typeof user === 'string' && typeof text === 'string' && typeof at === 'string'
      ? { user, text, at }
      : undefined;
  } catch {
    return undefined;
  }
}
