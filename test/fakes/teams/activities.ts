import { cardMentions, checkCard } from './cards.ts';
import { isRecord, type Json, record, records, text } from './json.ts';
import { malformed, refuse } from './refusal.ts';
import type { Conversation, TeamsTenant } from './state.ts';

/** 100 KB of UTF-16, with everything in it; the documents advise to stay under 80 KB. */
const MESSAGE_BYTES = 100 * 1024;
const SUGGESTIONS = 3;

export const adaptiveCard = 'application/vnd.microsoft.card.adaptive';
export const fileConsentCard = 'application/vnd.microsoft.teams.card.file.consent';
export const fileInfoCard = 'application/vnd.microsoft.teams.card.file.info';

const attachmentTypes = new Set([
  adaptiveCard,
  fileConsentCard,
  fileInfoCard,
  'application/vnd.microsoft.card.hero',
  'application/vnd.microsoft.card.thumbnail',
  'application/vnd.microsoft.card.signin',
  'application/vnd.microsoft.card.oauth',
]);

const formats = new Set(['plain', 'markdown', 'xml', 'extendedmarkdown']);
const suggestionTypes = new Set(['imBack', 'Action.Compose', 'Action.Submit']);
const messageType = 'https://schema.org/Message';

export function sizeOf(activity: Json): number {
  return JSON.stringify(activity).length * 2;
}

export function isTooBig(activity: Json): boolean {
  return sizeOf(activity) > MESSAGE_BYTES;
}

/** Refuses a message of the bot that Teams refuses, or that it would not show as it was meant. */
export function checkMessage(tenant: TeamsTenant, place: Conversation, activity: Json): void {
  if (isTooBig(activity)) refuse(413, 'MessageSizeTooBig', 'Message size too large.');
  if (activity.textFormat !== undefined && !formats.has(text(activity.textFormat)))
    malformed(`textFormat ${text(activity.textFormat)} is unknown.`);
  const attachments = records(activity.attachments);
  if (text(activity.text).trim() === '' && attachments.length === 0)
    malformed('A message has a text or an attachment.');
  for (const attachment of attachments) checkAttachment(tenant, place, attachment);
  checkSuggestions(activity.suggestedActions);
  checkEntities(activity);
  checkMentions(tenant, place, text(activity.text), records(activity.entities), 'The text');
}

function checkAttachment(tenant: TeamsTenant, place: Conversation, attachment: Json): void {
  const type = text(attachment.contentType);
  if (type.startsWith('image/')) {
    if (!/^(https:\/\/|data:image\/)/.test(text(attachment.contentUrl)))
      malformed('An image has a contentUrl of https or data.');
    return;
  }
  if (!attachmentTypes.has(type)) return malformed(`Attachments of the type ${type} are unknown.`);
  if (!isRecord(attachment.content)) return malformed(`An attachment of the type ${type} has a content.`);
  const { content } = attachment;
  if (type === adaptiveCard) {
    checkCard(content);
    const words = JSON.stringify(content.body ?? []);
    return checkMentions(tenant, place, words, cardMentions(content), 'The card');
  }
  if (type === fileConsentCard) checkConsent(place, attachment, content);
  if (type === fileInfoCard && !tenant.uploads.has(text(content.uniqueId)))
    malformed('The file card names no file that was uploaded.');
}

function checkConsent(place: Conversation, attachment: Json, content: Json): void {
  if (place.kind !== 'personal') malformed('Files are offered in personal chats only.');
  if (text(attachment.name) === '') malformed('The offered file has no name.');
  if (typeof content.sizeInBytes !== 'number' || content.sizeInBytes <= 0)
    malformed('The offered file has no size.');
}

function checkSuggestions(value: unknown): void {
  if (value === undefined || value === null) return;
  const actions = records(record(value).actions);
  if (actions.length > SUGGESTIONS) malformed(`Teams shows only ${SUGGESTIONS} suggested actions.`);
  for (const action of actions) {
    if (!suggestionTypes.has(text(action.type)))
      malformed(`Suggested actions of the type ${text(action.type)} are unknown.`);
    if (text(action.title) === '') malformed('A suggested action has no title.');
    if (action.type === 'imBack' && text(action.value) === '') malformed('A suggested imBack has no value.');
  }
}

function checkEntities(activity: Json): void {
  const entities = records(activity.entities);
  const roots = entities.filter((entity) => entity.type === messageType);
  if (roots.length > 1) malformed('There is only one entity of schema.org/Message.');
  for (const root of roots) checkRoot(root, text(activity.text));
  for (const entity of entities) {
    if (text(entity.type) === '') malformed('An entity has no type.');
    if (entity.type === 'quotedReply' && text(record(entity.quotedReply).messageId) === '')
      malformed('A quoted reply names its message.');
  }
  const { feedbackLoop } = record(activity.channelData);
  const kind = record(feedbackLoop).type;
  if (feedbackLoop !== undefined && kind !== 'default' && kind !== 'custom')
    malformed('feedbackLoop has the type default or custom.');
}

/** A bare entity is what remains when a client drops the properties that it does not know. */
function checkRoot(entity: Json, words: string): void {
  const { additionalType, citation, usageInfo } = entity;
  if (entity['@type'] !== 'Message') malformed('An entity of schema.org/Message has the @type Message.');
  if (entity['@context'] !== 'https://schema.org') malformed('Its @context is https://schema.org.');
  if (additionalType === undefined && citation === undefined && usageInfo === undefined)
    malformed('An entity of schema.org/Message has an additionalType, a citation or a usageInfo.');
  if (
    additionalType !== undefined &&
    !(Array.isArray(additionalType) && additionalType.includes('AIGeneratedContent'))
  )
    malformed('additionalType is a list with AIGeneratedContent.');
  for (const source of records(citation)) {
    const appearance = record(source.appearance);
    if (!words.includes(`[${String(source.position)}]`))
      malformed(`The text does not contain the citation [${String(source.position)}].`);
    if (source['@type'] !== 'Claim' || appearance['@type'] !== 'DigitalDocument')
      malformed('A citation is a Claim with the appearance of a DigitalDocument.');
    if (text(appearance.name) === '' || text(appearance.name).length > 80)
      malformed('A citation has a name of 1 to 80 characters.');
    if (text(appearance.abstract) === '' || text(appearance.abstract).length > 160)
      malformed('A citation has an abstract of 1 to 160 characters.');
    const keywords = Array.isArray(appearance.keywords) ? appearance.keywords : [];
    if (keywords.length > 3 || keywords.some((word) => text(word) === '' || text(word).length > 28))
      malformed('A citation has at most 3 keywords of 28 characters.');
    if (appearance.url !== undefined && !URL.canParse(text(appearance.url)))
      malformed('The url of a citation is no URL.');
  }
  if (usageInfo !== undefined && text(record(usageInfo).name) === '') malformed('usageInfo has a name.');
}

/** `<at>` and entities belong together, and only members can be mentioned. */
function checkMentions(
  tenant: TeamsTenant,
  place: Conversation,
  words: string,
  entities: readonly Json[],
  where: string,
): void {
  const mentions = entities.filter((entity) => entity.type === 'mention');
  for (const mention of mentions) {
    const id = text(record(mention.mentioned).id);
    const tag = text(mention.text);
    if (!/^<at>.+<\/at>$/s.test(tag)) malformed('The text of a mention is <at>name</at>.');
    if (!words.includes(tag)) malformed(`${where} does not contain ${tag}.`);
    if (memberOf(tenant, place, id) === undefined)
      malformed(`${id} is not a member and cannot be mentioned.`);
  }
  for (const [tag] of words.matchAll(/<at>.*?<\/at>/gs))
    if (!mentions.some((mention) => mention.text === tag))
      malformed(`${where} has ${tag} without an entity.`);
}

/** A member by `29:…` id, Entra object id or user principal name, as the connector takes them. */
export function memberOf(tenant: TeamsTenant, place: Conversation, id: string) {
  return [...place.members]
    .flatMap((member) => tenant.users.get(member) ?? [])
    .find((user) => [user.id, user.aadObjectId, user.email].includes(id));
}
