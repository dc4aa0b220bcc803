import { checkTemplate } from '@agentteam/compiler';
import { invalid, isSpecUnchanged, withoutServerFields } from './object.ts';
import { type AdmissionRequest, ALLOWED, type Verdict } from './review.ts';

/** Refuses an invalid template. */
export function validateTemplate(request: AdmissionRequest): Verdict {
  if (isSpecUnchanged(request)) return ALLOWED;
  const { problems } = checkTemplate(withoutServerFields(request.object));
  return problems.length > 0 ? invalid(request.object, problems) : ALLOWED;
}
