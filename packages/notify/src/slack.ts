import { textFor } from '@agentteam/text';
import type { Notification } from './notification.ts';

/** Slack's limit for the text of a section. */
const MAX_TEXT = 3000;

/**
 * Formats a notification for Slack's incoming webhooks
 * (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks). Prompts and reports are
 * untrusted, so they are in blocks of their own, as quoted plain text without mentions, links or
 * formatting. Link previews are disabled.
 */
export function slackMessage({ message, data }: Notification): object {
  const { teammate, prompt, reports, costUsd, approve, reject } = data as Readonly<
    Record<string, unknown>
  >;
  const { question, choices, default: preset, answer } = data as Readonly<Record<string, unknown>>;
  const items = (Array.isArray(reports) ? reports : []) as readonly Readonly<
    Record<string, unknown>
  >[];
  const blocks = [
    trusted(`*${plain(message)}*`),
    ...(teammate === undefined
      ? []
      : [trusted(`An approval starts *${plain(teammate)}* with this prompt:`), untrusted(prompt)]),
    ...(question === undefined
      ? []
      : [trusted('The question, in the agent’s words:'), untrusted(question)]),
    ...(Array.isArray(choices)
      ? [trusted('Choices:'), untrusted(choices.map((one, at) => `${at + 1}. ${one}`).join('\n'))]
      : []),
    ...(preset === undefined ? [] : [trusted('Without an answer it would do:'), untrusted(preset)]),
    ...items.flatMap((item) => [
      trusted(`*${plain(item['teammate'])}* reported:`),
      untrusted(item['report']),
    ]),
    ...(costUsd === undefined ? [] : [trusted(`Spent so far: $${plain(costUsd)}`)]),
    ...(answer === undefined ? [] : [trusted(`Answer:\n\`\`\`${plain(answer)}\`\`\``)]),
    ...(approve === undefined ? [] : [trusted(`Approve:\n\`\`\`${plain(approve)}\`\`\``)]),
    ...(reject === undefined ? [] : [trusted(`Reject:\n\`\`\`${plain(reject)}\`\`\``)]),
  ];
  return { text: plain(message), unfurl_links: false, unfurl_media: false, blocks };
}

function trusted(text: string): object {
  // With `verbatim` Slack does not turn text into links.
  return section({ type: 'mrkdwn', text: text.slice(0, MAX_TEXT), verbatim: true });
}

function untrusted(text: unknown): object {
  // Slack refuses a section without text.
  const content = String(text ?? '').trim() || '(nothing)';
  return section({ type: 'plain_text', text: textFor('slack', content), emoji: false });
}

function section(text: object): object {
  return { type: 'section', text };
}

/** Formats untrusted text as one line without Slack's control and formatting characters. */
function plain(text: unknown): string {
  return textFor('slack-line', String(text ?? ''));
}
