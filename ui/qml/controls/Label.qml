import QtQuick
import "../theme"

// All text of the screen: never markup, never cut short.
Text {
    property bool bold: false
    property int size: Theme.bodyText
    property bool even: false  // a short text whose last line must not be one lone character
    readonly property real spare: even && width > 0 ? Bridge.lines.spare(text, font, width) : 0

    color: Theme.text
    font.bold: bold
    font.family: Theme.family
    font.pixelSize: size
    leftPadding: horizontalAlignment === Text.AlignHCenter ? spare / 2 : 0
    rightPadding: spare - leftPadding
    textFormat: Text.PlainText
    wrapMode: Text.Wrap
}
