import QtQuick
import "../theme"

// The text cursor: steady, because nothing on this screen blinks.
Rectangle {
    required property Item owner

    color: Theme.accent
    visible: owner.activeFocus
    width: Theme.thickLine
}
