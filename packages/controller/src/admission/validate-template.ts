import { checkTemplate } from '@agentteam/compiler';
import { type AdmissionRequest, ALLOWED, type Verdict } from './review.ts';
import { bare, invalid, isSpecUnchanged } from './reviewed.ts';

/** Refuses a template of which no run could be made. */
export function validateTemplate(request: AdmissionRequest): Verdict {
  if (isSpecUnchanged(request)) return ALLOWED;
  const { problems } = checkTemplate(bare(request.object));
  return problems.length > 0 ? invalid(request.object, problems) : ALLOWED;
}
