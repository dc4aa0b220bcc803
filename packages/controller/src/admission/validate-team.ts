import { isDeepStrictEqual } from 'node:util';
import { type CompileOptions, checkObject, compile } from '@agentteam/compiler';
import { isRestricted } from '@agentteam/contract';
import type { Gate } from '../approvals/votes.ts';
import { type AdmissionRequest, ALLOWED, type Verdict } from './review.ts';
import { bare, invalid, isSpecUnchanged } from './reviewed.ts';

/**
 * Refuses a team that would not compile, with every problem that `agentteam validate` names. A
 * change that leaves the spec alone is never refused: an old team must be able to end, be labelled
 * and be deleted whatever the rules have become.
 */
export function validateTeam(request: AdmissionRequest, options: CompileOptions): Verdict {
  if (isSpecUnchanged(request)) return ALLOWED;
  const { object, oldObject } = request;
  const { spec } = object;
  const { team, problems } = checkObject(bare(object));
  const found = team === undefined ? problems : compile(team, options).problems;
  if (found.length > 0) return invalid(object, found);
  const loosened =
    oldObject == null ? undefined : loosenedGate(gatesOf(oldObject.spec), gatesOf(spec));
  if (loosened === undefined) return ALLOWED;
  const message = `spec.lifecycle.approvalGates: who may decide ${loosened} cannot change once the team is made; delete it and apply it again`;
  return { allowed: false, code: 422, message };
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
