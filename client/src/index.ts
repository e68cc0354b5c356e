/** Vaultify Messaging for React: provider, hooks and components. What needs no React is at `@vaultify/messaging/core`. */
'use client';

export { createClient, legible, VaultifyRequestError } from './core/index.js';
export type * from './core/index.js';

export { useVaultify, VaultifyProvider } from './react/VaultifyProvider.js';
export { useConnection } from './react/useConnection.js';
export { useConversation } from './react/useConversation.js';
export { useConversations } from './react/useConversations.js';
export { useEstateBroadcasts } from './react/useEstateBroadcasts.js';
export { useMessages } from './react/useMessages.js';
export { useMessagingSocket } from './react/useMessagingSocket.js';
export { useNotifications } from './react/useNotifications.js';
export { useIsOnline, usePresence } from './react/usePresence.js';
export { useReadable } from './react/useReadable.js';
export { useReadReceipts } from './react/useReadReceipts.js';
export { useResidents } from './react/useResidents.js';
export { useSetTyping, useTyping } from './react/useTyping.js';
export { useUnread, useUnreadOf } from './react/useUnread.js';

export { BroadcastBanner } from './components/BroadcastBanner.js';
export { Composer } from './components/Composer.js';
export { ConnectionNotice } from './components/ConnectionNotice.js';
export { ConversationList } from './components/ConversationList.js';
export { MessageList } from './components/MessageList.js';
export { MessagingComponent } from './components/MessagingComponent.js';
export { PresenceIndicator } from './components/PresenceIndicator.js';
export { ReceiptMark } from './components/ReceiptMark.js';
export { TypingIndicator } from './components/TypingIndicator.js';

export type { VaultifyClientProps, VaultifyConnectionProps, VaultifyProviderProps } from './react/VaultifyProvider.js';
export type { UseConnection } from './react/useConnection.js';
export type { ConversationActions, UseConversations } from './react/useConversations.js';
export type { BroadcastActions, UseEstateBroadcasts } from './react/useEstateBroadcasts.js';
export type { MessageActions, UseMessages } from './react/useMessages.js';
export type { MessagingSocketOptions, UseMessagingSocket } from './react/useMessagingSocket.js';
export type { NotificationsOptions, UseNotifications } from './react/useNotifications.js';
export type { UsePresence } from './react/usePresence.js';
export type { UseReadReceipts } from './react/useReadReceipts.js';
export type { UseResidents } from './react/useResidents.js';
export type { UseTyping } from './react/useTyping.js';

export type { BroadcastBannerProps } from './components/BroadcastBanner.js';
export type { ComposerProps } from './components/Composer.js';
export type { ConnectionNoticeProps } from './components/ConnectionNotice.js';
export type { ConversationListProps } from './components/ConversationList.js';
export type { MessageListProps } from './components/MessageList.js';
export type { MessagingComponentProps, MessagingLabels } from './components/MessagingComponent.js';
export type { PresenceIndicatorProps } from './components/PresenceIndicator.js';
export type { ReceiptMarkProps } from './components/ReceiptMark.js';
export type { TypingIndicatorProps } from './components/TypingIndicator.js';
export type { MessagePlace } from './components/messages/rows.js';
export type { MessageListHandle } from './components/messages/useShown.js';
export type {
  BannerLabels,
  ComposerLabels,
  ConnectionLabels,
  ConversationListLabels,
  MessageListLabels,
  PresenceLabels,
  TypingLabels,
} from './components/labels.js';
