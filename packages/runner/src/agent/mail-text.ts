import { cutText } from '@agentteam/text';
import { LIMITS, type Mail, parseProtocolMail, type TakenMail } from '@agentteam/volume';

/** Mail as a native member reads it, word for word as Claude Code puts it. */
export function mailText(mail: readonly Mail[]): string {
  return mail.map(oneMail).join('\n\n');
}

/** What of an agent's mail it does not get, in sentences; none where it gets everything. */
export function leftOutOf({ leftOut, emptied }: TakenMail): readonly string[] {
  const counts = [...leftOut].map(([name, count]) => `${count} from ${name || 'unknown senders'}`);
  return [
    ...(emptied === undefined
      ? []
      : [`The inbox ${emptied}: it was emptied, and what was in it is lost.`]),
    ...(counts.length === 0
      ? []
      : [
          `More mail came than an inbox holds, and some was left out: ${counts.join(', ')}. Mail is not signed: any agent can write under any name.`,
        ]),
  ];
}

function oneMail(mail: Mail): string {
  const color = mail.color === undefined ? '' : ` color="${attribute(mail.color)}"`;
  const text = `<teammate-message teammate_id="${attribute(mail.from)}"${color}>\n${body(cutText(mail.text, LIMITS.mailCharacters))}\n</teammate-message>`;
  const protocol = parseProtocolMail(mail.text);
  if (protocol?.type !== 'shutdown_request') return text;
  // What follows stands outside of the element, as the runner's own words.
  if (![mail.from, protocol.requestId].every(isId)) return text;
  const answer = (approve: boolean) =>
    JSON.stringify({
      to: mail.from,
      message: {
        type: 'shutdown_response',
        request_id: protocol.requestId,
        approve,
        ...(!approve && { reason: 'why you cannot stop yet' }),
      },
    });
  return `${text}\nTo approve, call SendMessage with ${answer(true)}. To decline, call SendMessage with ${answer(false)}.`;
}

/** One word, as Claude Code makes them: `shutdown-1764000000000@api`. */
function isId(text: string): boolean {
  return /^[\w@.:-]{1,100}$/.test(text);
}

/** A mail's text cannot end its own element, and so cannot speak as somebody else. */
function body(text: string): string {
  return text.replaceAll(/<(\/?)teammate-message/gi, '&lt;$1teammate-message');
}

function attribute(text: string): string {
  return text.replaceAll(/[^\w@. -]/g, '');
}
