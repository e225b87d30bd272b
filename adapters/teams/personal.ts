/** Chats of one person with the bot; group chats and channels are called `19:…`. */
export function isPersonal(conversationId: string): boolean {
  return conversationId.startsWith('a:');
}
