import { isDeepStrictEqual } from 'node:util';
import {
  type CompileOptions,
  checkEnforced,
  compileObject,
  type MergedTeam,
  type Problem,
} from '@agentteam/compiler';
import { ANNOTATIONS, isRestricted } from '@agentteam/contract';
import { authorsOf, type Gate } from '../approvals/votes.ts';
import { type AdmissionRequest, ALLOWED, type Reviewed, type Verdict, warned } from './review.ts';
import { bare, invalid, isSpecUnchanged } from './reviewed.ts';
import type { TemplateOf } from './template-of.ts';
import { refuseUnopenable } from './unopenable.ts';

/**
 * Refuses a team that would not compile, with every problem that `agentteam validate` names. A
 * change that leaves the spec alone is never refused: an old team must be able to end, be labelled
 * and be deleted whatever the rules have become.
 */
export async function validateTeam(
  request: AdmissionRequest,
  templateOf: TemplateOf,
  options: CompileOptions,
): Promise<Verdict> {
  if (isSpecUnchanged(request)) return ALLOWED;
  const { object, oldObject } = request;
  const { spec } = object;
  const compiled = compileObject(bare(object), options);
  const found = [...compiled.problems, ...(await enforcedBy(templateOf, request))];
  if (found.length > 0) return invalid(object, found);
  // The webhook that comes first has written who the authors are.
  const authors = authorsOf(object.metadata.annotations ?? {});
  const { warnings } = compiled;
  if (oldObject == null) {
    return warned(refuseUnopenable(object, gatesOf(spec), authors), warnings);
  }
  const loosened = loosenedGate(gatesOf(oldObject.spec), gatesOf(spec));
  if (loosened === undefined) {
    const known = authorsOf(oldObject.metadata.annotations ?? {});
    const joined = authors.filter((author) => !known.includes(author));
    return warned(refuseUnopenable(object, gatesOf(spec), joined), warnings);
  }
  const message = `spec.lifecycle.approvalGates: who may decide ${loosened} cannot change once the team is made; delete it and apply it again`;
  return { allowed: false, code: 422, message };
}

/** What a change of a run's team makes looser than the template of that run enforces. */
async function enforcedBy(
  templateOf: TemplateOf,
  { object, oldObject }: AdmissionRequest,
): Promise<readonly Problem[]> {
  const { namespace = '', annotations } = object.metadata;
  const name = annotations?.[ANNOTATIONS.template];
  if (name === undefined) return [];
  const template = await templateOf(namespace, name);
  if (template !== undefined) {
    const { enforced = [] } = template.spec;
    const fixed = enforced.filter((one) => one === 'gates' || one === 'scope');
    return [
      ...checkEnforced(template, object as unknown as MergedTeam),
      ...(fixed.length > 0 && oldObject != null ? otherTeammates(oldObject, object, name) : []),
    ];
  }
  if (oldObject == null) return [];
  const message = `the team is a run's, and its template \`${name}\` is gone: nobody can tell what it enforces`;
  const hint = 'put the template back, or delete the run and make another';
  return [{ code: 'enforced', path: ['spec'], message, hint }];
}

/** A gate and a scope hold for the teammate of a name: a run has those of its template, and so has its team. */
function otherTeammates(before: Reviewed, after: Reviewed, template: string): readonly Problem[] {
  const teammatesOf = ({ spec }: Reviewed) =>
    (spec as { teammates?: unknown } | undefined)?.teammates;
  if (isDeepStrictEqual(teammatesOf(before), teammatesOf(after))) return [];
  const message = `\`teammates\` of a run are its template's, and template \`${template}\` enforces gates or scopes that hold for them`;
  const hint = 'change the template, and make another run';
  return [{ code: 'enforced', path: ['spec', 'teammates'], message, hint }];
}

/** The event of a gate that asks who approves, and that the new spec has otherwise or not at all. */
function loosenedGate(before: readonly Gate[], after: readonly Gate[]): string | undefined {
  const rules = ({ approvers, requiredApprovals, allowAuthor }: Gate) => ({
    approvers,
    requiredApprovals,
    allowAuthor,
  });
  return before.find((gate) => {
    const now = after.find(({ event }) => event === gate.event);
    return isRestricted(gate) && (now === undefined || !isDeepStrictEqual(rules(now), rules(gate)));
  })?.event;
}

export function gatesOf(spec: unknown): readonly Gate[] {
  const gates = (spec as { lifecycle?: { approvalGates?: unknown } } | undefined)?.lifecycle
    ?.approvalGates;
  return Array.isArray(gates) ? (gates as Gate[]) : [];
}
