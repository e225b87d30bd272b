import type { ReactNode } from 'react';

/** Line icons, 16 px, in the colour of the text around them; decoration for labelled controls. */
function Icon({ children, spin = false }: { readonly children: ReactNode; readonly spin?: boolean }) {
  return (
    <svg
      className={spin ? 'icon spin' : 'icon'}
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const PlusIcon = () => (
  <Icon>
    <path d="M8 3v10M3 8h10" />
  </Icon>
);
export const TrashIcon = () => (
  <Icon>
    <path d="M2.5 4.5h11M6.5 2.5h3M4 4.5l.6 9h6.8l.6-9M6.8 7v4M9.2 7v4" />
  </Icon>
);
export const SendIcon = () => (
  <Icon>
    <path d="M8 13V3.5M3.8 7.5 8 3.3l4.2 4.2" />
  </Icon>
);
export const StopIcon = () => (
  <Icon>
    <rect x="4" y="4" width="8" height="8" rx="1.2" fill="currentColor" stroke="none" />
  </Icon>
);
export const CheckIcon = () => (
  <Icon>
    <path d="m3 8.5 3.4 3.3L13 4.6" />
  </Icon>
);
export const CrossIcon = () => (
  <Icon>
    <path d="m4 4 8 8M12 4l-8 8" />
  </Icon>
);
export const CopyIcon = () => (
  <Icon>
    <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
    <path d="M10.5 3.2v-.2A1.5 1.5 0 0 0 9 1.5H4A1.5 1.5 0 0 0 2.5 3v5A1.5 1.5 0 0 0 4 9.5h.2" />
  </Icon>
);
export const ChevronIcon = () => (
  <Icon>
    <path d="m6 3.5 4.5 4.5L6 12.5" />
  </Icon>
);
export const SpinnerIcon = () => (
  <Icon spin>
    <path d="M8 1.8a6.2 6.2 0 1 0 6.2 6.2" />
  </Icon>
);
export const ShieldIcon = () => (
  <Icon>
    <path d="M8 1.7 13 3.6v4c0 3.2-2.1 5.5-5 6.7-2.9-1.2-5-3.5-5-6.7v-4z" />
    <path d="M8 5.2v3M8 10.5v.1" />
  </Icon>
);
export const WarningIcon = () => (
  <Icon>
    <path d="M8 2 14.5 13.5h-13z" />
    <path d="M8 6.5v3M8 11.5v.1" />
  </Icon>
);
export const MenuIcon = () => (
  <Icon>
    <path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11" />
  </Icon>
);
export const DownIcon = () => (
  <Icon>
    <path d="M8 3v9.5M3.8 8.5 8 12.7l4.2-4.2" />
  </Icon>
);
export const SearchIcon = () => (
  <Icon>
    <circle cx="7" cy="7" r="4.5" />
    <path d="m10.5 10.5 3.2 3.2" />
  </Icon>
);
export const DownloadIcon = () => (
  <Icon>
    <path d="M8 2.5v7.6M4.8 7.2 8 10.4l3.2-3.2M2.8 13.3h10.4" />
  </Icon>
);
export const KeyIcon = () => (
  <Icon>
    <circle cx="5" cy="11" r="2.5" />
    <path d="M6.8 9.2 13 3M10.5 5.5l2 2" />
  </Icon>
);
export const LinkIcon = () => (
  <Icon>
    <path d="M9.5 2.5h4v4M13.5 2.5 7.5 8.5M12 9v4.5H2.5V4H7" />
  </Icon>
);
export const ClipIcon = () => (
  <Icon>
    <path d="m13.2 7.4-5.3 5.3a3.2 3.2 0 0 1-4.6-4.5l5.6-5.6a2.1 2.1 0 0 1 3 3L6.4 11a1 1 0 0 1-1.5-1.5l4.8-4.8" />
  </Icon>
);
export const ImageIcon = () => (
  <Icon>
    <rect x="2" y="2.5" width="12" height="11" rx="2" />
    <path d="m2.5 11.5 3.3-3.3 2.6 2.6 2-2 3.1 3.1M10.5 5.8v.1" />
  </Icon>
);
export const PageIcon = () => (
  <Icon>
    <path d="M9 1.8H4.5A1.5 1.5 0 0 0 3 3.3v9.4a1.5 1.5 0 0 0 1.5 1.5h7a1.5 1.5 0 0 0 1.5-1.5V5.8z" />
    <path d="M9 1.8v4h4M5.5 9h5M5.5 11.3h3.2" />
  </Icon>
);
export const ListIcon = () => (
  <Icon>
    <rect x="2.5" y="2.5" width="11" height="11" rx="2" />
    <path d="M5 6h6M5 8.5h6M5 11h3.5" />
  </Icon>
);
