import QtQuick
import "../theme"

Item {
    property var value: ""
    property string name: ""
    property string earliest: ""
    property string latest: ""
    property bool moment: false

    signal edited(var value)

    implicitHeight: Theme.mm(40)
}
