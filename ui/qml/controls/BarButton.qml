import QtQuick
import "../theme"

// One control of the bottom bar: icon above words.
Pressable {
    id: control

    property string iconName: ""
    property color ink: Theme.text
    property color ground: control.down ? Theme.softPressed : "transparent"
    property color outline: "transparent"
    property bool bold: false
    property bool flat: false  // icon beside the words
    readonly property int stackedWidth: Math.ceil(words.implicitWidth) + leftPadding + rightPadding
    readonly property int flatWidth: stackedWidth + picture.width + Theme.mm(9)
    readonly property int stackedHeight: Math.max(Theme.barItem, picture.height + Theme.mm(1.2) + words.implicitHeight + topPadding + bottomPadding)
    readonly property int flatHeight: Math.max(Theme.mm(23), Math.max(picture.height, words.implicitHeight) + topPadding + bottomPadding)

    guarded: false  // it lies in the same place on every screen
    implicitHeight: flat ? flatHeight : stackedHeight
    implicitWidth: flat ? flatWidth : stackedWidth
    padding: Theme.mm(2.2)

    background: Rectangle {
        border.color: control.outline
        border.width: Theme.line
        color: control.ground
        radius: Theme.mm(3.6)
    }
    contentItem: Item {
        Icon {
            id: picture

            colour: control.ink
            name: control.iconName
            size: Theme.mm(12.4)
            x: control.flat ? Math.round((parent.width - width - Theme.mm(3) - words.width) / 2) : Math.round((parent.width - width) / 2)
            y: control.flat ? Math.round((parent.height - height) / 2) : Math.round((parent.height - height - Theme.mm(1.2) - words.height) / 2)
        }
        Label {
            id: words

            bold: control.bold
            color: control.ink
            horizontalAlignment: Text.AlignHCenter
            size: Theme.captionText
            text: control.text
            width: Math.min(Math.ceil(implicitWidth), parent.width - (control.flat ? picture.width + Theme.mm(3) : 0))
            x: control.flat ? picture.x + picture.width + Theme.mm(3) : Math.round((parent.width - width) / 2)
            y: control.flat ? Math.round((parent.height - height) / 2) : picture.y + picture.height + Theme.mm(1.2)
        }
    }
}
