import QtQuick
import "../theme"

// All text of the screen: never markup, never cut short.
Text {
    property bool bold: false
    property int size: Theme.bodyText

    color: Theme.text
    font.bold: bold
    font.family: Theme.family
    font.pixelSize: size
    textFormat: Text.PlainText
    wrapMode: Text.Wrap
}
