import { isDeepStrictEqual } from 'node:util';
import {
  type CompileOptions,
  checkEnforced,
  compileObject,
  type MergedTeam,
  type Problem,
} from '@agentteam/compiler';
import { ANNOTATIONS, isRestricted } from '@agentteam/contract';
import { authorsOf, type Gate, hasSameRules } from '../approvals/votes.ts';
import { invalid, isSpecUnchanged, withoutServerFields } from './object.ts';
import { refuseUnapprovable } from './refuse-unapprovable.ts';
import {
  type AdmissionObject,
  type AdmissionRequest,
  ALLOWED,
  type Verdict,
  withWarnings,
} from './review.ts';
import type { ReadTemplate } from './template-reader.ts';

/**
 * Refuses a team that does not compile, and lists every problem that `agentteam validate` reports. A
 * change that leaves the spec unchanged is always allowed, so that an old team can end, be labelled and be
 * deleted after the rules have changed.
 */
export async function validateTeam(
  request: AdmissionRequest,
  readTemplate: ReadTemplate,
  options: CompileOptions,
): Promise<Verdict> {
  if (isSpecUnchanged(request)) return ALLOWED;
  const { object, oldObject } = request;
  const { spec } = object;
  const compiled = compileObject(withoutServerFields(object), options);
  const found = [...compiled.problems, ...(await violatedRules(readTemplate, request))];
  if (found.length > 0) return invalid(object, found);
  // The mutating webhook, which runs first, has recorded the authors.
  const authors = authorsOf(object.metadata.annotations ?? {});
  const { warnings } = compiled;
  if (oldObject == null) {
    return withWarnings(refuseUnapprovable(object, gatesOf(spec), authors), warnings);
  }
  const changed = changedGate(gatesOf(oldObject.spec), gatesOf(spec));
  if (changed === undefined) {
    const known = authorsOf(oldObject.metadata.annotations ?? {});
    const joined = authors.filter((author) => !known.includes(author));
    return withWarnings(refuseUnapprovable(object, gatesOf(spec), joined), warnings);
  }
  const message = `spec.lifecycle.approvalGates: the approval rules of ${changed} cannot change after the team was created; delete the team and apply it again`;
  return { allowed: false, code: 422, message };
}

/** The rules of the run's template that a change of the run's team violates. */
async function violatedRules(
  readTemplate: ReadTemplate,
  { object, oldObject }: AdmissionRequest,
): Promise<readonly Problem[]> {
  const { namespace = '', annotations } = object.metadata;
  const name = annotations?.[ANNOTATIONS.template];
  if (name === undefined) return [];
  const template = await readTemplate(namespace, name);
  if (template !== undefined) {
    const { enforced = [] } = template.spec;
    const fixed = enforced.filter((one) => one === 'gates' || one === 'scope');
    return [
      ...checkEnforced(template, object as unknown as MergedTeam),
      ...(fixed.length > 0 && oldObject != null ? changedTeammates(oldObject, object, name) : []),
    ];
  }
  if (oldObject == null) return [];
  const message = `template \`${name}\` of this team's run does not exist, so its enforced rules are unknown`;
  const hint = 'create the template again, or delete the run and create a new one';
  return [{ code: 'enforced', path: ['spec'], message, hint }];
}

/** Enforced gates and scopes refer to teammates by name, so the team must keep the template's teammates. */
function changedTeammates(
  before: AdmissionObject,
  after: AdmissionObject,
  template: string,
): readonly Problem[] {
  const teammatesOf = ({ spec }: AdmissionObject) =>
    (spec as { teammates?: unknown } | undefined)?.teammates;
  if (isDeepStrictEqual(teammatesOf(before), teammatesOf(after))) return [];
  const message = `\`teammates\` cannot change, because template \`${template}\` enforces their gates or scopes`;
  const hint = 'change the template and create a new run';
  return [{ code: 'enforced', path: ['spec', 'teammates'], message, hint }];
}

/** The event of a gate with approvers whose approval rules the new spec changes or removes. */
function changedGate(before: readonly Gate[], after: readonly Gate[]): string | undefined {
  return before.find((gate) => {
    const now = after.find(({ event }) => event === gate.event);
    return isRestricted(gate) && (now === undefined || !hasSameRules(now, gate));
  })?.event;
}

export function gatesOf(spec: unknown): readonly Gate[] {
  const gates = (spec as { lifecycle?: { approvalGates?: unknown } } | undefined)?.lifecycle
    ?.approvalGates;
  return Array.isArray(gates) ? (gates as Gate[]) : [];
}
