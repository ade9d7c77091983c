import QtQuick
import "../theme"

// The box around typed text.
Rectangle {
    property bool lit: false
    property bool wrong: false

    border.color: lit ? Theme.accent : wrong ? Theme.caution : Theme.outline
    border.width: lit ? Theme.thickLine : wrong ? Theme.line : Theme.hairline
    color: Theme.contrast ? "#000000" : "#FFFFFF"
    radius: Theme.radius
}
