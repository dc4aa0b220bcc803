import type { TakenMail } from '@agentteam/volume';

/** Sentences about the mail that an agent does not get; none if it gets all of it. */
export function describeDroppedMail({ dropped, emptied }: TakenMail): readonly string[] {
  const counts = [...dropped].map(([name, count]) => `${count} from ${name || 'unknown senders'}`);
  return [
    ...(emptied === undefined
      ? []
      : [`The inbox ${emptied}: it was emptied, and its messages are lost.`]),
    ...(counts.length === 0
      ? []
      : [
          `More mail arrived than an inbox holds, and some was left out: ${counts.join(', ')}. Mail is not signed: any agent can write under any name.`,
        ]),
  ];
}
