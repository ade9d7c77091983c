import QtQuick
import "../theme"

// A way back or aside.
PrimaryButton {
    ground: onNavy ? (down ? Theme.bandPressed : Theme.band) : down ? Theme.soft : Theme.surface
    iconFirst: true
    ink: onNavy && !Theme.contrast ? Theme.bandInk : Theme.accent
    outline: onNavy && !Theme.contrast ? Theme.bandOutline : Theme.accent
}
