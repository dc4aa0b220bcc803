import { cutText } from '@agentteam/text';
import { formatMailElement, LIMITS, type Mail, parseProtocolMail } from '@agentteam/volume';

/** Formats mail as a native team member reads it, word for word as Claude Code does. */
export function mailText(mail: readonly Mail[]): string {
  return mail.map(oneMail).join('\n\n');
}

function oneMail(mail: Mail): string {
  const { from, color } = mail;
  const text = cutText(mail.text, LIMITS.mailCharacters);
  const element = formatMailElement({ from, text, ...(color !== undefined && { color }) });
  const protocol = parseProtocolMail(mail.text);
  if (protocol?.type !== 'shutdown_request') return element;
  // The lines after the element are outside it, so the agent reads them as text from the runner.
  if (![from, protocol.requestId].every(isId)) return element;
  const answer = (approve: boolean) =>
    JSON.stringify({
      to: from,
      message: {
        type: 'shutdown_response',
        request_id: protocol.requestId,
        approve,
        ...(!approve && { reason: 'why you cannot stop yet' }),
      },
    });
  return `${element}\nTo approve, call SendMessage with ${answer(true)}. To decline, call SendMessage with ${answer(false)}.`;
}

/** One word, in the form that Claude Code uses: `shutdown-1764000000000@api`. */
function isId(text: string): boolean {
  return /^[\w@.:-]{1,100}$/.test(text);
}
