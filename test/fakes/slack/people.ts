import type { Delivered } from './delivery.ts';
import { addMessage } from './methods/chat.ts';
import { addView, replaceView, triggerUsers, viewJson } from './methods/views.ts';
import type { FakeSlack } from './server.ts';
import {
  isRecord,
  type Json,
  records,
  type SlackMessage,
  type SlackUser,
  type SlackView,
  shown,
  text,
} from './state.ts';

/** Where somebody writes. */
export interface Place {
  readonly channel: string;
  readonly thread?: string;
}

/** What somebody did, and how the app acknowledged it. */
export interface Said {
  readonly ts: string;
  readonly tries: readonly Delivered[];
}

export interface People {
  user(name: string, more?: Partial<SlackUser>): SlackUser;
  /** A channel with the bot and these people in it. */
  channel(name: string, users: readonly SlackUser[]): string;
  /** The direct messages of somebody with the bot. */
  dm(user: SlackUser): string;
  /** Writes; a mention of the bot comes as two events, as in Slack. */
  say(
    user: SlackUser,
    place: Place,
    words: string,
    more?: { readonly files?: readonly string[]; readonly retries?: number },
  ): Promise<Said>;
  mention(user: SlackUser, place: Place, words: string): Promise<Said>;
  /** An app other than the bot writes. */
  alert(
    place: Place,
    message: {
      readonly text?: string;
      readonly blocks?: readonly Json[];
      readonly attachments?: readonly Json[];
    },
  ): Promise<Said>;
  file(
    user: SlackUser,
    file: { readonly name: string; readonly mimetype: string; readonly content: string | Buffer },
  ): string;
  edit(user: SlackUser, place: Place & { readonly ts: string }, words: string): Promise<readonly Delivered[]>;
  remove(user: SlackUser, place: Place & { readonly ts: string }): Promise<readonly Delivered[]>;
  react(user: SlackUser, place: Place & { readonly ts: string }, name: string): Promise<readonly Delivered[]>;
  stop(user: SlackUser, place: Place): Promise<readonly Delivered[]>;
  openHome(user: SlackUser, tab: 'home' | 'messages'): Promise<readonly Delivered[]>;
  /** Clicks the button whose action id begins so, or chooses an entry of that menu. */
  click(
    user: SlackUser,
    message: SlackMessage | SlackView,
    action: string,
    option?: Json,
  ): Promise<Delivered>;
  /** A modal with values filled in that were not sent yet. */
  filled(view: SlackView, values: Readonly<Record<string, unknown>>): SlackView;
  command(
    user: SlackUser,
    channel: string,
    words: string,
  ): Promise<Delivered & { readonly responses: () => readonly Json[] }>;
  shortcut(user: SlackUser, place: { readonly channel: string; readonly ts: string }): Promise<Delivered>;
  /** Fills in the open modal; what the app answers is done to it. */
  submit(user: SlackUser, view: SlackView, values: Readonly<Record<string, unknown>>): Promise<Delivered>;
  options(user: SlackUser, view: SlackView, action: string, words: string): Promise<Delivered>;
  /** The newest modal that somebody looks at. */
  modal(user: SlackUser): SlackView | undefined;
  home(user: SlackUser): SlackView | undefined;
  /** Messages of the bot that everybody sees, oldest first. */
  heard(place: Place): readonly SlackMessage[];
  /** Notices that only this person sees. */
  notices(user: SlackUser, channel: string): readonly SlackMessage[];
  /** An event as it is. */
  event(event: Json, eventId?: string, retries?: number): Promise<readonly Delivered[]>;
}

const triggerMs = 3000;

/** What people do in the workspace. */
export function people(slack: FakeSlack): People {
  const { workspace, delivery } = slack;
  const { team, bot, channels } = workspace;
  const pulled = new Map<string, { readonly user: string; readonly view?: string }>();
  triggerUsers.set(workspace, pulled);

  const envelope = (event: Json, id = workspace.nextId('Ev')): Json => ({
    token: 'deprecated',
    team_id: team,
    context_team_id: team,
    context_enterprise_id: null,
    api_app_id: bot.app,
    event,
    type: 'event_callback',
    event_id: id,
    event_time: Math.floor(workspace.now() / 1000),
    authorizations: [
      { enterprise_id: null, team_id: team, user_id: bot.user, is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: false,
  });
  const send = (event: Json, id?: string, retries?: number) => delivery.event(envelope(event, id), retries);
  const typeOf = (channel: string) => (channels.get(channel)?.isIm === true ? 'im' : 'channel');
  const trigger = (user: string, view?: string) => {
    const id = workspace.nextId('trigger.');
    workspace.triggers.set(id, { expiresAt: workspace.now() + triggerMs, used: false });
    pulled.set(id, { user, ...(view === undefined ? {} : { view }) });
    return id;
  };
  const base = (user: SlackUser, view?: string) => ({
    team: { id: team, domain: 'acme' },
    enterprise: null,
    is_enterprise_install: false,
    user: {
      id: user.id,
      username: user.name,
      name: user.name,
      team_id: user.isStranger === true ? 'TOTHER' : team,
    },
    api_app_id: bot.app,
    token: 'deprecated',
    trigger_id: trigger(user.id, view),
  });
  const eventOf = (message: SlackMessage): Json => ({
    ...shown(workspace, message),
    channel: message.channel,
    channel_type: typeOf(message.channel),
    event_ts: message.ts,
    team,
    ...(message.threadTs === undefined ? { thread_ts: undefined } : {}),
  });

  async function deliver(message: SlackMessage, retries?: number): Promise<Said> {
    const event = eventOf(message);
    const mentions = message.text.includes(`<@${bot.user}>`) && typeOf(message.channel) !== 'im';
    const sends = [send(event, undefined, retries)];
    if (mentions) {
      const { subtype: _subtype, channel_type: _type, ...mention } = event;
      sends.push(send({ ...mention, type: 'app_mention' }, undefined, retries));
    }
    return { ts: message.ts, tries: (await Promise.all(sends)).flat() };
  }

  const self: People = {
    user(name, more = {}) {
      const user = {
        id: `U${name.toUpperCase()}`,
        name,
        realName: name,
        email: `${name}@example.com`,
        ...more,
      };
      workspace.users.set(user.id, user);
      return user;
    },
    channel(name, users) {
      const id = `C${name.toUpperCase()}`;
      channels.set(id, {
        id,
        name,
        isIm: false,
        members: new Set([bot.user, ...users.map((user) => user.id)]),
        isArchived: false,
      });
      return id;
    },
    dm(user) {
      const id = `D${user.id}`;
      if (!channels.has(id))
        channels.set(id, {
          id,
          name: '',
          isIm: true,
          user: user.id,
          members: new Set([bot.user, user.id]),
          isArchived: false,
        });
      return id;
    },
    say: (user, { channel, thread }, words, { files = [], retries } = {}) =>
      deliver(
        addMessage(workspace, {
          channel,
          user: user.id,
          text: words,
          files,
          ...(thread === undefined ? {} : { threadTs: thread }),
        }),
        retries,
      ),
    mention: (user, place, words) => self.say(user, place, `<@${bot.user}> ${words}`),
    alert: ({ channel, thread }, message) =>
      deliver(
        addMessage(workspace, {
          channel,
          botId: 'BALERTS',
          text: message.text ?? '',
          blocks: message.blocks ?? [],
          attachments: message.attachments ?? [],
          ...(thread === undefined ? {} : { threadTs: thread }),
        }),
      ),
    file(user, { name, mimetype, content }) {
      const id = workspace.nextId('F');
      workspace.files.set(id, {
        id,
        name,
        title: name,
        mimetype,
        bytes: Buffer.from(content),
        user: user.id,
      });
      return id;
    },
    async edit(user, { channel, ts }, words) {
      const message = workspace.messages.find((known) => known.channel === channel && known.ts === ts);
      if (message === undefined) throw new Error('there is no such message');
      const previous = shown(workspace, message);
      message.text = words;
      message.edited = { user: user.id, ts: workspace.nextTs() };
      return await send({
        type: 'message',
        subtype: 'message_changed',
        channel,
        channel_type: typeOf(channel),
        message: shown(workspace, message),
        previous_message: previous,
        ts: message.edited.ts,
        event_ts: message.edited.ts,
      });
    },
    async remove(_user, { channel, ts }) {
      const message = workspace.messages.find((known) => known.channel === channel && known.ts === ts);
      if (message === undefined) throw new Error('there is no such message');
      message.isDeleted = true;
      return await send({
        type: 'message',
        subtype: 'message_deleted',
        channel,
        channel_type: typeOf(channel),
        deleted_ts: ts,
        previous_message: shown(workspace, message),
        ts: workspace.nextTs(),
        event_ts: workspace.nextTs(),
      });
    },
    react: (user, { channel, ts }, name) =>
      send({
        type: 'reaction_added',
        user: user.id,
        reaction: name,
        item: { type: 'message', channel, ts },
        item_user: bot.user,
        event_ts: workspace.nextTs(),
      }),
    stop: (user, { channel, thread = '' }) =>
      send({
        type: 'agent_session_stopped',
        user: user.id,
        user_id: user.id,
        channel,
        channel_id: channel,
        thread_ts: thread,
        event_ts: workspace.nextTs(),
      }),
    openHome: (user, tab) =>
      send({
        type: 'app_home_opened',
        user: user.id,
        channel: self.dm(user),
        tab,
        event_ts: workspace.nextTs(),
      }),
    filled: (view, values) => ({
      ...view,
      view: { ...view.view, state: { values: stateOf(view.view, values) } },
    }),
    async click(user, on, action, option) {
      const inView = 'view' in on;
      const blocks = inView ? records(on.view.blocks) : on.blocks;
      const found = findElement(blocks, action);
      if (found === undefined) throw new Error(`there is no button ${action}`);
      const { element, block } = found;
      const one = {
        type: element.type,
        action_id: element.action_id,
        block_id: block.block_id ?? 'b',
        value: element.value,
        text: element.text,
        ...(option === undefined ? {} : { selected_option: option }),
        action_ts: workspace.nextTs(),
      };
      const chosen = isRecord(element.positive_button)
        ? { ...one, value: element.positive_button.value }
        : one;
      const place = inView
        ? { view: viewJson(workspace, on), container: { type: 'view', view_id: on.id } }
        : {
            message: shown(workspace, on),
            channel: { id: on.channel, name: 'channel' },
            container: {
              type: 'message',
              message_ts: on.ts,
              channel_id: on.channel,
              is_ephemeral: on.onlyFor !== undefined,
            },
            response_url: `${slack.url}/response/${workspace.nextId('R')}`,
          };
      return await delivery.interaction({
        ...base(user, inView ? on.id : undefined),
        type: 'block_actions',
        actions: [chosen],
        ...place,
      });
    },
    async command(user, channel, words) {
      const id = workspace.nextId('R');
      const delivered = await delivery.command({
        token: 'deprecated',
        team_id: team,
        team_domain: 'acme',
        channel_id: channel,
        channel_name: channels.get(channel)?.name ?? '',
        user_id: user.id,
        user_name: user.name,
        command: '/aiops',
        text: words,
        api_app_id: bot.app,
        is_enterprise_install: 'false',
        response_url: `${slack.url}/response/${id}`,
        trigger_id: trigger(user.id),
      });
      return { ...delivered, responses: () => slack.responses.get(id) ?? [] };
    },
    async shortcut(user, { channel, ts }) {
      const message = workspace.messages.find((known) => known.channel === channel && known.ts === ts);
      if (message === undefined) throw new Error('there is no such message');
      return await delivery.interaction({
        ...base(user),
        type: 'message_action',
        callback_id: 'ask_about_message',
        message_ts: ts,
        action_ts: workspace.nextTs(),
        message: shown(workspace, message),
        channel: { id: channel, name: channels.get(channel)?.name ?? '' },
        response_url: `${slack.url}/response/${workspace.nextId('R')}`,
      });
    },
    async submit(user, view, values) {
      const state = { values: stateOf(view.view, values) };
      const delivered = await delivery.interaction({
        ...base(user, view.id),
        type: 'view_submission',
        view: { ...viewJson(workspace, view), state },
        response_urls: [],
      });
      const answer = isRecord(delivered.body) ? delivered.body : {};
      if (delivered.status === 200) react(view, answer, user);
      return delivered;
    },
    options: (user, view, action, words) => {
      const block = records(view.view.blocks).find(
        (item) => isRecord(item.element) && item.element.action_id === action,
      );
      return delivery.interaction({
        ...base(user, view.id),
        type: 'block_suggestion',
        action_id: action,
        block_id: block?.block_id,
        value: words,
        view: viewJson(workspace, view),
      });
    },
    modal: (user) =>
      [...workspace.views.values()].findLast(
        (view) => view.userId === user.id && view.isOpen && !view.isHome,
      ),
    home: (user) => [...workspace.views.values()].find((view) => view.userId === user.id && view.isHome),
    heard: ({ channel, thread }) =>
      workspace.messages.filter(
        (message) =>
          message.channel === channel &&
          message.botId === bot.id &&
          !message.isDeleted &&
          message.onlyFor === undefined &&
          (thread === undefined || message.threadTs === thread),
      ),
    notices: (user, channel) =>
      workspace.messages.filter((message) => message.channel === channel && message.onlyFor === user.id),
    event: send,
  };

  function react(view: SlackView, answer: Json, user: SlackUser): void {
    switch (answer.response_action) {
      case 'errors':
        return;
      case 'update':
        return replaceView(view, answer.view);
      case 'push':
        addView(workspace, user.id, answer.view, view.id);
        return;
      case 'clear':
        for (const open of workspace.views.values())
          if (open.userId === user.id && !open.isHome) open.isOpen = false;
        return;
      default:
        view.isOpen = false;
    }
  }

  return self;
}

interface Found {
  readonly element: Json;
  readonly block: Json;
}

function findElement(blocks: readonly Json[], action: string): Found | undefined {
  for (const block of blocks) {
    const input = block.dispatch_action === true && isRecord(block.element) ? [block.element] : [];
    const accessory = isRecord(block.accessory) ? [block.accessory] : [];
    const elements = [...records(block.elements), ...accessory, ...input];
    const element = elements.find((item) => text(item.action_id).startsWith(action));
    if (element !== undefined) return { element, block };
  }
  return undefined;
}

/** A modal's state: what was filled in, else what stood there. Names are those of the blocks. */
function stateOf(view: Json, values: Readonly<Record<string, unknown>>): Json {
  const inputs = records(view.blocks).filter((block) => block.type === 'input');
  const entries = inputs.map((block) => {
    const element = isRecord(block.element) ? block.element : {};
    const name = text(block.block_id);
    return [
      name,
      {
        [text(element.action_id)]: elementState(
          element,
          Object.hasOwn(values, name) ? values[name] : undefined,
        ),
      },
    ];
  });
  return Object.fromEntries(entries);
}

function elementState(element: Json, value: unknown): Json {
  const { type } = element;
  switch (type) {
    case 'checkboxes': {
      const chosen =
        value === undefined
          ? records(element.initial_options)
          : value === true
            ? records(element.options)
            : [];
      return { type, selected_options: chosen };
    }
    case 'static_select':
    case 'external_select':
    case 'radio_buttons': {
      const known = records(element.options).find((option) => option.value === value);
      const made =
        value === null ? null : (known ?? { text: { type: 'plain_text', text: String(value) }, value });
      return { type, selected_option: value === undefined ? (element.initial_option ?? null) : made };
    }
    case 'multi_static_select':
    case 'multi_external_select':
      return {
        type,
        selected_options: Array.isArray(value)
          ? value.map((item) => ({ text: { type: 'plain_text', text: String(item) }, value: String(item) }))
          : records(element.initial_options),
      };
    case 'conversations_select':
      return {
        type,
        selected_conversation: value === undefined ? (element.initial_conversation ?? null) : value,
      };
    case 'datetimepicker':
      return {
        type,
        selected_date_time: value === undefined ? (element.initial_date_time ?? null) : value,
      };
    default:
      return { type, value: value === undefined ? (element.initial_value ?? null) : value };
  }
}
