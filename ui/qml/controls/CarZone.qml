import QtQuick
import "../theme"

// A part of the car to touch.
Pressable {
    id: control

    property string name: ""
    property string zone: ""
    property string label: ""
    property string words: ""  // written upon it
    property int radius: 0
    property bool marked: false
    property bool glass: false

    Accessible.checkable: true
    Accessible.checked: marked
    Accessible.role: Accessible.CheckBox
    objectName: "zone:" + name + ":" + zone
    padding: Theme.mm(2)
    repeatTime: 0
    say: label

    background: Rectangle {
        border.color: control.marked ? Theme.accent : Theme.outline
        border.width: control.marked ? Theme.thickLine * 1.5 : Theme.hairline
        color: control.marked ? Theme.accent : control.down ? Theme.soft : Theme.surface
        radius: control.radius

        // Front and rear window.
        Rectangle {
            color: Theme.contrast ? "#3D3D3D" : Theme.softPressed
            height: Theme.mm(8)
            radius: Theme.mm(2)
            visible: control.glass && !control.marked
            width: parent.width - Theme.mm(7)
            x: Theme.mm(3.5)
            y: Theme.mm(3.5)
        }
        Rectangle {
            color: Theme.contrast ? "#3D3D3D" : Theme.softPressed
            height: Theme.mm(8)
            radius: Theme.mm(2)
            visible: control.glass && !control.marked
            width: parent.width - Theme.mm(7)
            x: Theme.mm(3.5)
            y: parent.height - height - Theme.mm(3.5)
        }
    }
    contentItem: Item {
        implicitHeight: caption.implicitHeight

        Label {
            id: caption

            anchors.verticalCenter: parent.verticalCenter
            color: control.marked ? Theme.accentInk : Theme.text
            horizontalAlignment: Text.AlignHCenter
            size: Theme.mm(8.8 * Theme.headGrowth)
            text: control.words
            visible: text !== ""
            width: parent.width
        }
        Icon {
            anchors.right: control.words === "" ? undefined : parent.right
            anchors.rightMargin: Theme.mm(1)
            colour: Theme.accentInk
            name: "check"
            size: Theme.mm(14)
            visible: control.marked
            x: Math.round((parent.width - width) / 2)
            y: Math.round((parent.height - height) / 2)
        }
    }
}
