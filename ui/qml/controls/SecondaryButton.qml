import QtQuick
import "../theme"

// A way back or aside.
PrimaryButton {
    ground: down ? Theme.soft : Theme.surface
    iconFirst: true
    ink: Theme.accent
    outline: Theme.accent
}
